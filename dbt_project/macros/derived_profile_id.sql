{#- The profile's id that follows from a record alone: two warehouses that are built from the same
    records agree on it. -#}
{% macro derived_profile_id(record_id) -%}
    'p' || substring({{ dbt.hash(record_id) }}, 1, 16)
{%- endmacro %}
