{#- Whether each person consents to a purpose: the latest statement of each record, then the most restrictive of
    the person's records. A query of profile_id, purpose, is_granted, record_id and changed_at, the last two of the
    statement that decides.

    Args:
        consents: relation or CTE with the statements.
        identity_map: relation or CTE.
        until: the last day whose statements count, as an expression; all count without it. A refusal of the
            midnight that ends the day belongs to it: staging puts one there whose clock was ahead. -#}
{% macro consent_decisions(consents, identity_map, until=none) -%}
    select
        profile_id,
        purpose,
        is_granted,
        record_id,
        changed_at
    from (
        select
            identity_map.profile_id,
            ranked_statements.purpose,
            ranked_statements.is_granted,
            ranked_statements.record_id,
            ranked_statements.changed_at,
            row_number() over (
                partition by identity_map.profile_id, ranked_statements.purpose
                order by
                    case when ranked_statements.is_granted then 1 else 0 end,
                    ranked_statements.changed_at desc,
                    ranked_statements.record_id
            ) as restrictiveness
        from (
            select
                record_id,
                purpose,
                is_granted,
                changed_at,
                row_number() over (
                    partition by record_id, purpose
                    -- Of two statements at one moment the refusal holds.
                    order by changed_at desc, case when is_granted then 1 else 0 end, consent_id
                ) as recency
            from {{ consents }}
            {%- if until is not none %}
            where
                cast(changed_at as date) <= {{ until }}
                or (not is_granted and changed_at = {{ dbt.dateadd('day', 1, until) }})
            {%- endif %}
        ) as ranked_statements
        inner join {{ identity_map }} as identity_map on ranked_statements.record_id = identity_map.record_id
        where ranked_statements.recency = 1
    ) as ranked_decisions
    where restrictiveness = 1
{%- endmacro %}
