{#- A number that tells rows apart by their columns, however many there are.

    Args:
        relation: CTE, or the name under which a relation is known.
        salt: a text: under another one, rows have other numbers.
        leaving_out: columns that do not count.
        texts: the columns with texts, where others are many: what is no text is hashed in a part of the time. -#}
{% macro row_hash(relation, salt, leaving_out=[], texts=[]) -%}
    {{ return(adapter.dispatch('row_hash', 'customer_segmentation')(relation, salt, leaving_out, texts)) }}
{%- endmacro %}

{#- Neither alone suffices: MD5 does not see in which column a text stands, the engine's hash confuses texts. -#}
{% macro duckdb__row_hash(relation, salt, leaving_out, texts) -%}
    {%- set columns = '*columns(' ~ relation ~ '.*' -%}
    {%- if leaving_out -%}
        {%- set columns = columns ~ ' exclude (' ~ leaving_out | join(', ') ~ ')' -%}
    {%- endif -%}
    {%- set columns = columns ~ ')' -%}
    cast(
        hash(
            {{ columns }},
            md5_number_lower(concat_ws(chr(31), {{ texts | join(', ') if texts else columns }})),
            '{{ salt }}'
        ) >> 1 as bigint
    )
{%- endmacro %}
