{#- A text as it is compared where blanks do not matter either: letters and digits, without case and accents.
    Null where nothing is left. -#}
{% macro comparable_text(column) -%}
    replace({{ folded_text(column) }}, ' ', '')
{%- endmacro %}
