{#- The rows that identity.identity_history held before this run; none before the first. What is
    appended to it is decided by models that cannot refer to it, or the graph would have a cycle. -#}
{% macro held_history() -%}
    {%- set history = adapter.get_relation(this.database, this.schema, 'identity_history') if execute -%}
    {%- if history -%}
    select
        record_id,
        profile_id,
        revision,
        rules_fingerprint
    from {{ history }}
    {%- else -%}
    select
        cast(null as {{ dbt.type_string() }}) as record_id,
        cast(null as {{ dbt.type_string() }}) as profile_id,
        cast(null as {{ dbt.type_int() }}) as revision,
        cast(null as {{ dbt.type_string() }}) as rules_fingerprint
    where false
    {%- endif -%}
{%- endmacro %}
