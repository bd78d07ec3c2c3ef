{#- What records did up to the end of `as_of`, added up: a query over the roll-ups that reads past years from
    yearly_activity, and days from the year on in which the last `days` days begin from daily_activity. So a day's
    run does not read all history day by day, and a feature may still tell the last `days` days apart.

    A row is a year or a day of a record and type, and a product; `activity_on` is null for a year.

    Args:
        types: the types of activity.
        days: how many days, up to `as_of`, the caller wants to tell apart. -#}
{% macro activity_ever(types, days) -%}
    {%- set first_day = first_day_by_day(days) -%}
    select
        record_number,
        activity_type,
        activity_count,
        quantity,
        duration_seconds,
        first_at,
        last_at,
        cast(null as date) as activity_on
    from {{ ref('yearly_activity') }}
    where
        activity_type in ('{{ types | join("', '") }}')
        and activity_year < extract(year from {{ first_day }})
    union all
    select
        record_number,
        activity_type,
        activity_count,
        quantity,
        duration_seconds,
        first_at,
        last_at,
        activity_on
    from {{ ref('daily_activity') }}
    where
        activity_type in ('{{ types | join("', '") }}')
        and activity_on >= {{ first_day }}
        and activity_on <= {{ as_of_date() }}
{%- endmacro %}
