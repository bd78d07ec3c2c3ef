{#- A text as it is compared: lower case, without accents, with one blank for whatever is neither a letter
    nor a digit. Null where nothing is left. -#}
{% macro folded_text(column) -%}
    {{ return(adapter.dispatch('folded_text', 'customer_segmentation')(column)) }}
{%- endmacro %}

{% macro duckdb__folded_text(column) -%}
    nullif(trim(regexp_replace(lower(strip_accents({{ column }})), '[^\p{L}\p{N}]+', ' ', 'g')), '')
{%- endmacro %}
