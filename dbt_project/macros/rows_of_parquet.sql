{#- The rows of a Parquet file, to select from.

    Args:
        file: its path. -#}
{% macro rows_of_parquet(file) -%}
    {{ return(adapter.dispatch('rows_of_parquet', 'customer_segmentation')(file)) }}
{%- endmacro %}

{% macro duckdb__rows_of_parquet(file) -%}
    read_parquet('{{ file | replace("'", "''") }}')
{%- endmacro %}

{% macro default__rows_of_parquet(file) -%}
    parquet.`{{ file }}`
{%- endmacro %}
