{#- Makes the table that the fuzzy matching fills where it has not run yet: dbt alone then finds no pair. -#}
{% macro create_fuzzy_pairs() -%}
    create table if not exists {{ source('identity', 'fuzzy_pairs') }} as
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
