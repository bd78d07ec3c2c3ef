{#- An e-mail address as one writes to it: as its owner stated it, in lower case and without blanks. A
    `+tag` and dots stay, since not every provider ignores them. -#}
{% macro contact_email(column) -%}
    {{ return(adapter.dispatch('contact_email', 'customer_segmentation')(column)) }}
{%- endmacro %}

{% macro duckdb__contact_email(column) -%}
    lower(regexp_replace({{ column }}, '\s', '', 'g'))
{%- endmacro %}
