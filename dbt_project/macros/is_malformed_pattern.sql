{#- Whether a text is no regular expression that the engine can read. -#}
{% macro is_malformed_pattern(pattern) -%}
    {{ return(adapter.dispatch('is_malformed_pattern', 'customer_segmentation')(pattern)) }}
{%- endmacro %}

{% macro duckdb__is_malformed_pattern(pattern) -%}
    try(regexp_matches('', {{ pattern }})) is null
{%- endmacro %}

{#- Spark has no try() around an expression: there a malformed one stops the run with Spark's own words. -#}
{% macro default__is_malformed_pattern(pattern) -%}
    regexp_like('', {{ pattern }}) is null
{%- endmacro %}
