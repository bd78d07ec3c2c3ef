{#- Stops a run that would call records resolved although identity.identity_history has not taken over what
    they changed: as when somebody materialises the last model of the stage alone, after a run that stopped. -#}
{% macro refuse_pending_changes() -%}
    {%- set changes = identity_relation('identity_pending_changes', 'view') -%}
    {%- if execute and adapter.get_relation(changes.database, changes.schema, changes.identifier) -%}
        {%- set pending = run_query("select count(*) from " ~ changes).columns[0].values()[0] -%}
        {%- if pending -%}
            {%- do exceptions.raise_compiler_error(
                "identity.identity_history has not taken over " ~ pending ~ " changes that wait in "
                ~ "identity.identity_pending_changes. Run the whole step identity_to_profiles, which approves "
                ~ "or stops them."
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
