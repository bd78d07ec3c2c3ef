{#- Stops with an error that names them where rows of the seed identity_overrides decide nothing, as if
    nobody had written them. Says nothing before the seed has been built.

    Args:
        overrides: the relation of the seed. -#}
{% macro refuse_malformed_decisions(overrides) -%}
    {%- if execute and load_relation(overrides) -%}
        {{ refuse_faults(_faults_of_decisions(overrides)) }}
    {%- endif -%}
{%- endmacro %}

{% macro _faults_of_decisions(overrides) -%}
    with decisions as (
        select
            record_id_a,
            record_id_b,
            decision,
            'seeds/identity_overrides.csv, row of ' || coalesce(record_id_a, 'no record')
            || ' and ' || coalesce(record_id_b, 'no record') || ': ' as place
        from {{ overrides }}
    ),

    faults as (
        select
            place || coalesce('''' || decision || ''' is no decision', 'there is no decision')
            || '. Write link or separate.' as fault
        from decisions
        where decision is null or decision not in ('link', 'separate')
        union
        select place || 'a decision is about two records. Name both, or take the row out.' as fault
        from decisions
        where record_id_a is null or record_id_b is null or record_id_a = record_id_b
        union
        select min(place) || 'the decision is there more than once. Keep one.' as fault
        from decisions
        group by least(record_id_a, record_id_b), greatest(record_id_a, record_id_b), decision
        having count(*) > 1
    )

    select fault from faults order by fault
{%- endmacro %}
