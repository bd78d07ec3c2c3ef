{#- The records of the profiles that a feature model describes: a select of record_number, record_id, profile_id
    and profile_number, a number to group by that stands for the profile within the query.

    Args:
        profiles: CTE with the profiles of the day, as described_profiles gives them.
        identity_map: CTE of identity.identity_map. -#}
{% macro profile_records(profiles='described_profiles', identity_map='identity_map') -%}
    select
        {{ identity_map }}.record_number,
        {{ identity_map }}.record_id,
        {{ identity_map }}.profile_id,
        -- The least number of a profile's records is nobody else's, and groups in a part of an id's time.
        min({{ identity_map }}.record_number) over (partition by {{ identity_map }}.profile_id)
            as profile_number
    from {{ profiles }}
    inner join {{ identity_map }} on {{ profiles }}.profile_id = {{ identity_map }}.profile_id
{%- endmacro %}
