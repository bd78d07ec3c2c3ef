{#- A number of 63 bits that tells values apart: grouping and joining by numbers takes a part of the time that
    texts take, and keeping them a part of the space. Two of ten million values have the same one with a
    probability of 5 in a million.
    By MD5, which is the same in every engine: DuckDB's own hash gives one number to many texts that differ in
    two places eight bytes from each other, as numbered ids and phone numbers do.

    Args:
        columns: the columns that make up a value; nulls are left out, and only the last may hold the character
            31, a separator that no id has. -#}
{% macro hash_number(columns) -%}
    {{ return(adapter.dispatch('hash_number', 'customer_segmentation')(columns)) }}
{%- endmacro %}

{% macro duckdb__hash_number(columns) -%}
    cast(md5_number_lower(concat_ws(chr(31), {{ columns | join(', ') }})) >> 1 as bigint)
{%- endmacro %}
