{#- A text that fails with a message where it is evaluated. -#}
{% macro raised_error(message) -%}
    {{ return(adapter.dispatch('raised_error', 'customer_segmentation')(message)) }}
{%- endmacro %}

{% macro duckdb__raised_error(message) -%}
    cast(error('{{ dbt.escape_single_quotes(message) }}') as {{ dbt.type_string() }})
{%- endmacro %}

{% macro default__raised_error(message) -%}
    raise_error('{{ dbt.escape_single_quotes(message) }}')
{%- endmacro %}
