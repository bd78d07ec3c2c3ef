{#- Letters and digits of a text, without case and accents: what is left when it is compared. -#}
{% macro comparable_text(column) -%}
    {{ return(adapter.dispatch('comparable_text', 'customer_segmentation')(column)) }}
{%- endmacro %}

{% macro duckdb__comparable_text(column) -%}
    regexp_replace(lower(strip_accents({{ column }})), '[^\p{L}\p{N}]', '', 'g')
{%- endmacro %}
