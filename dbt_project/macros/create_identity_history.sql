{#- Makes the log before its first run, since what it is to hold is found by comparison with it, and numbers its
    records where an older release of the project did not. -#}
{% macro create_identity_history() -%}
    {%- set history = held_history() -%}
    {%- if execute and not adapter.get_relation(history.database, history.schema, history.identifier) -%}
    create table {{ history }} as
    select
        cast(null as {{ dbt.type_string() }}) as record_id,
        cast(null as {{ dbt.type_bigint() }}) as record_number,
        cast(null as {{ dbt.type_int() }}) as revision,
        cast(null as {{ dbt.type_string() }}) as profile_id,
        cast(null as {{ dbt.type_string() }}) as previous_profile_id,
        cast(null as {{ dbt.type_string() }}) as change,
        cast(null as {{ dbt.type_string() }}) as cause,
        {{ dbt.current_timestamp() }} as changed_at,
        cast(null as {{ dbt.type_string() }}) as rules_fingerprint
    limit 0
    {%- do adapter.cache_added(history) -%}
    {%- elif execute -%}
    {%- if 'record_number' not in adapter.get_columns_in_relation(history) | map(attribute='name') -%}
    alter table {{ history }} add column record_number {{ dbt.type_bigint() }};
    {% endif -%}
    update {{ history }} set record_number = {{ record_number('record_id') }} where record_number is null
    {%- endif -%}
{%- endmacro %}
