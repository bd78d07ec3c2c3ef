{#- An aggregate: the exact median, nulls left out; between two values in the middle their mean. -#}
{% macro median_of(expression) -%}
    percentile_cont(0.5) within group (order by {{ expression }})
{%- endmacro %}
