{#- How many profiles would change, where these are more than the band allows and nobody has approved it.

    Args:
        identity_proposals, identity_pending_changes: the relations.

    Returns: a query of at most one row with the columns profile_count and changed_count. -#}
{% macro unapproved_changes(identity_proposals, identity_pending_changes) -%}
    with profiles as (

        select count(distinct profile_id) as profile_count
        from {{ identity_proposals }}

    ),

    changes as (

        select count(distinct previous_profile_id) as changed_count
        from {{ identity_pending_changes }}
        where change in ('merged', 'split')

    )

    select
        profiles.profile_count,
        changes.changed_count
    from profiles
    cross join changes
    where
        changes.changed_count > greatest(20, {{ var('most_profiles_changed_share') }} * profiles.profile_count)
        and not {{ var('approve_identity_changes') }}
{%- endmacro %}
