{#- A filter like unresolved(), for a relation of profiles: only those that hold a record which this run
    resolves, or have ever held one. -#}
{% macro of_unresolved_records() -%}
    {%- if not execute or is_incremental() -%}
    where profile_id in ({{ profiles_of_unresolved_records() }})
    {%- endif -%}
{%- endmacro %}
