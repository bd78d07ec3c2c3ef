{#- An aggregate: the sample standard deviation of whole numbers, null for fewer than two. From sums of whole
    numbers, which are exact: an engine's own adds up fractions in any order, and no two runs say the same. -#}
{% macro deviation_of(expression) -%}
    sqrt(
        cast(
            count({{ expression }}) * sum(({{ expression }}) * ({{ expression }}))
            - sum({{ expression }}) * sum({{ expression }})
            as double
        )
        / nullif(count({{ expression }}) * (count({{ expression }}) - 1), 0)
    )
{%- endmacro %}
