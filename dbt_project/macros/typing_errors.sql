{#- How many letters were lost, doubled, exchanged or mistaken between two texts. -#}
{% macro typing_errors(text, other_text) -%}
    {{ return(adapter.dispatch('typing_errors', 'customer_segmentation')(text, other_text)) }}
{%- endmacro %}

{% macro duckdb__typing_errors(text, other_text) -%}
    damerau_levenshtein({{ text }}, {{ other_text }})
{%- endmacro %}

{% macro default__typing_errors(text, other_text) -%}
    levenshtein({{ text }}, {{ other_text }})
{%- endmacro %}
