{#- A number that tells rows apart by all of their columns, however many there are.

    Args:
        relation: CTE, or the name under which a relation is known.
        salt: a text: under another one, rows have other numbers. -#}
{% macro row_hash(relation, salt) -%}
    {{ return(adapter.dispatch('row_hash', 'customer_segmentation')(relation, salt)) }}
{%- endmacro %}

{#- Neither alone suffices: MD5 does not see in which column a text stands, the engine's hash confuses texts. -#}
{% macro duckdb__row_hash(relation, salt) -%}
    cast(
        hash({{ relation }}, md5_number_lower(concat_ws(chr(31), *columns({{ relation }}.*))), {{ salt }}) >> 1
        as bigint
    )
{%- endmacro %}
