{#- Lets a query that is no model, and has no batch, describe a day.

    Args:
        day: a text, as in 2024-12-31. -#}
{% macro set_as_of(day) -%}
    {%- do model.update({'as_of': day}) -%}
{%- endmacro %}
