{#- Stops a run that would call records resolved while changes of theirs wait to be taken over, or while
    identity.identity_map does not say what identity.identity_proposals does: as when somebody materialises the
    last model of the stage alone, after a run that stopped. -#}
{% macro refuse_pending_changes() -%}
    {%- set number = {'record_number': dbt.type_bigint()} -%}
    {%- set assignment = {'record_number': dbt.type_bigint(), 'profile_id': dbt.type_string()} -%}
    {%- set query -%}
        with unresolved as (

            select record_number from {{ held_unresolved_records() }} as unresolved_records

        ),

        proposals as (

            select record_number, profile_id from {{ held_proposals() }} as identity_proposals
            where
                record_number in (
                    select unresolved.record_number from unresolved
                    where {{ every_key('unresolved.record_number') }}
                )

        ),

        assignments as (

            select record_number, profile_id from {{ held_table('identity_map', assignment) }} as identity_map
            where
                record_number in (
                    select unresolved.record_number from unresolved
                    where {{ every_key('unresolved.record_number') }}
                )

        ),

        pending as (

            select record_number from {{ held_table('identity_pending_changes', number) }} as pending_changes
            union
            select coalesce(proposals.record_number, assignments.record_number) as record_number
            from proposals
            full outer join assignments on proposals.record_number = assignments.record_number
            where
                proposals.record_number is null
                or assignments.record_number is null
                or proposals.profile_id <> assignments.profile_id

        )

        select count(*) from pending
    {%- endset -%}
    {%- if execute -%}
        {%- set pending = run_query(query).columns[0].values()[0] -%}
        {%- if pending -%}
            {%- do exceptions.raise_compiler_error(
                "identity.identity_map does not say yet what identity.identity_proposals does (records: " ~ pending
                ~ "). Run the whole step identity_to_profiles: it takes the changes over, or says why it does not."
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
