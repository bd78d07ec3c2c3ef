{#- A text that fails with a message where it is evaluated.

    Args:
        message: the message, or its beginning.
        rest: expression of a text with which the message goes on. -#}
{% macro raised_error(message, rest="''") -%}
    {{ return(adapter.dispatch('raised_error', 'customer_segmentation')(message, rest)) }}
{%- endmacro %}

{% macro duckdb__raised_error(message, rest) -%}
    cast(error('{{ dbt.escape_single_quotes(message) }}' || {{ rest }}) as {{ dbt.type_string() }})
{%- endmacro %}

{% macro default__raised_error(message, rest) -%}
    raise_error('{{ dbt.escape_single_quotes(message) }}' || {{ rest }})
{%- endmacro %}
