{#- The profiles that a feature model describes on its day: a select of those that were known by then.

    Args:
        profiles: relation or CTE with the profiles.
        columns: columns of theirs to keep beside profile_id. -#}
{% macro described_profiles(profiles='profiles', columns=[]) -%}
    select
        profile_id,
        {% for column in columns -%}
        {{ column }},
        {% endfor -%}
        {{ as_of_date() }} as as_of
    from {{ profiles }}
    where first_seen_on <= {{ as_of_date() }}
{%- endmacro %}
