{#- The days between orders that a pause is measured by: a week where it is less, since somebody who comes every
    other day has not left after four. -#}
{% macro rhythm_days(expected_days) -%}
    greatest({{ expected_days }}, 7)
{%- endmacro %}
