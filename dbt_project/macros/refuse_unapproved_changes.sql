{#- Stops with an error that a person understands where more profiles would change than the band allows and
    nobody has approved it. The test few_profiles_change_at_once stops a whole run; this one stops somebody
    who materialises what comes after it alone.

    Args:
        identity_proposals, identity_pending_changes: the relations. -#}
{% macro refuse_unapproved_changes(identity_proposals, identity_pending_changes) -%}
    {%- if execute and load_relation(identity_proposals) and load_relation(identity_pending_changes) -%}
        {%- for jump in run_query(unapproved_changes(identity_proposals, identity_pending_changes)).rows -%}
            {{ exceptions.raise_compiler_error(
                jump['changed_count'] ~ " profiles would be merged or split at once, and " ~ jump['profile_count']
                ~ " would be left: more than the variable most_profiles_changed_share allows. Look at "
                ~ "identity.identity_pending_changes. If the changes are right, run again with "
                ~ "approve_identity_changes in the run's config; if a rule is wrong, correct it. Profiles stay "
                ~ "as they were."
            ) }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
