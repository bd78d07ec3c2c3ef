{#- Makes the table that the fuzzy matching fills where it has not run yet: dbt alone then finds no pair. Of which
    entities it has judged the pairs is forgotten with a table that is gone, or they would never be found again. -#}
{% macro create_fuzzy_pairs() -%}
    {%- set pairs = source('identity', 'fuzzy_pairs') -%}
    {%- if execute and not adapter.get_relation(pairs.database, pairs.schema, pairs.identifier) -%}
    drop table if exists {{ identity_relation('judged_entities') }};
    {%- endif %}
    create table if not exists {{ pairs }} as
    select
        cast(null as {{ dbt.type_string() }}) as record_id_a,
        cast(null as {{ dbt.type_string() }}) as record_id_b,
        cast(null as {{ dbt.type_string() }}) as fingerprint_a,
        cast(null as {{ dbt.type_string() }}) as fingerprint_b,
        cast(null as double) as match_weight,
        cast(null as double) as match_probability,
        cast(null as {{ dbt.type_string() }}) as evidence
    limit 0
{%- endmacro %}
