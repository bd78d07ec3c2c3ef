{#- A number that tells rows apart by all of their columns, however many there are.

    Args:
        relation: CTE, or the name under which a relation is known.
        salt: a text: under another one, rows have other numbers. -#}
{% macro row_hash(relation, salt) -%}
    {{ return(adapter.dispatch('row_hash', 'customer_segmentation')(relation, salt)) }}
{%- endmacro %}

{% macro duckdb__row_hash(relation, salt) -%}
    {{ hash_number([relation, salt]) }}
{%- endmacro %}
