{#- The features of all themes side by side: a query with profile_id, every column that a theme declares, cast to
    the type that it declares, and as_of.

    Args:
        themes: the theme models, by name. Each has a row for every profile that is known on the day. -#}
{% macro joined_features(themes) -%}
    {%- set everybody = themes[0] -%}
    with
    {% for theme in themes -%}
    {{ theme }} as (

        select * from {{ ref(theme) }}

    ){{ ',' if not loop.last }}

    {% endfor -%}
    select
        {{ everybody }}.profile_id,
        {% for column in declared_features(themes) -%}
        cast({{ column['theme'] }}.{{ column['name'] }} as {{ column['data_type'] }}) as {{ column['name'] }},
        {% endfor -%}
        {{ everybody }}.as_of
    from {{ everybody }}
    {%- for theme in themes[1:] %}
    inner join {{ theme }}
        on
            {{ everybody }}.profile_id = {{ theme }}.profile_id
            and {{ everybody }}.as_of = {{ theme }}.as_of
    {%- endfor %}
{%- endmacro %}
