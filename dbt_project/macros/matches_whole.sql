{#- Whether a whole text matches a regular expression. -#}
{% macro matches_whole(text, pattern) -%}
    {{ return(adapter.dispatch('matches_whole', 'customer_segmentation')(text, pattern)) }}
{%- endmacro %}

{% macro duckdb__matches_whole(text, pattern) -%}
    regexp_full_match({{ text }}, {{ pattern }})
{%- endmacro %}

{% macro default__matches_whole(text, pattern) -%}
    {{ text }} rlike '^(' || {{ pattern }} || ')$'
{%- endmacro %}
