{#- A query of the profiles that hold a record which this run resolves, or have ever held one: what is said of
    the others has not changed. -#}
{% macro profiles_of_unresolved_records() -%}
    select history.profile_id
    from {{ ref('identity_history') }} as history
    where history.record_number in ({{ numbers_of_unresolved_records() }})
{%- endmacro %}
