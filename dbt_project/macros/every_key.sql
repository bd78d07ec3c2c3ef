{#- A condition that every key meets, for a query of the few keys by which the rows of a large table are looked
    up. DuckDB lets the scan of that table leave out what is not looked for (a Bloom filter) only where the
    keys themselves are filtered, and by something that it does not work out beforehand.

    Args:
        key: expression of the key. -#}
{% macro every_key(key) -%}
    {{ return(adapter.dispatch('every_key', 'customer_segmentation')(key)) }}
{%- endmacro %}

{% macro default__every_key(key) -%}
    {{ key }} is not null
{%- endmacro %}

{% macro duckdb__every_key(key) -%}
    hash({{ key }}) is not null
{%- endmacro %}
