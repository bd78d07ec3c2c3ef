{#- A number of 63 bits that tells values apart: grouping and joining by numbers takes a part of the time that
    texts take, and keeping them a part of the space. Two of ten million values have the same one with a
    probability of 5 in a million.
    Another release of the engine may have other numbers. What keeps them in the stage identity is made anew
    then, since the fingerprints of records are such numbers as well.

    Args:
        columns: the columns that make up a value. -#}
{% macro hash_number(columns) -%}
    {{ return(adapter.dispatch('hash_number', 'customer_segmentation')(columns)) }}
{%- endmacro %}

{% macro duckdb__hash_number(columns) -%}
    cast(hash({{ columns | join(', ') }}) >> 1 as bigint)
{%- endmacro %}
