{#- The features of all themes side by side: a query with profile_id, every column that a theme declares, cast to
    the type that it declares, and as_of. It fails where a theme does not know somebody: a person who is left out
    would silently leave every segment.

    Args:
        themes: the theme models, by name. Each has a row for every profile that is known on the day. -#}
{% macro joined_features(themes) -%}
    with profiles as (

        select * from {{ ref('profiles') }}

    ),

    described_profiles as (

        {{ described_profiles() }}

    ),

    {% for theme in themes -%}
    {{ theme }} as (

        select * from {{ ref(theme) }}

    ){{ ',' if not loop.last }}

    {% endfor -%}
    select
        described_profiles.profile_id,
        {% for column in declared_features(themes) -%}
        cast({{ column['theme'] }}.{{ column['name'] }} as {{ column['data_type'] }}) as {{ column['name'] }},
        {% endfor -%}
        case
            {%- for theme in themes %}
            when {{ theme }}.profile_id is null
                then cast({{ raised_error(
                    theme ~ ' does not know everybody who is known on the day. Build it for the day, '
                    ~ 'with profile_features.'
                ) }} as date)
            {%- endfor %}
            else described_profiles.as_of
        end as as_of
    from described_profiles
    {%- for theme in themes %}
    left join {{ theme }}
        on
            described_profiles.profile_id = {{ theme }}.profile_id
            and described_profiles.as_of = {{ theme }}.as_of
    {%- endfor %}
{%- endmacro %}
