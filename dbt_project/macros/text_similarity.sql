{#- How alike two texts are, case apart: 0 to 1. -#}
{% macro text_similarity(text, other) -%}
    {{ return(adapter.dispatch('text_similarity', 'customer_segmentation')(text, other)) }}
{%- endmacro %}

{% macro duckdb__text_similarity(text, other) -%}
    jaro_winkler_similarity(lower({{ text }}), lower({{ other }}))
{%- endmacro %}

{% macro default__text_similarity(text, other) -%}
    1 - levenshtein(lower({{ text }}), lower({{ other }})) / greatest(length({{ text }}), length({{ other }}), 1)
{%- endmacro %}
