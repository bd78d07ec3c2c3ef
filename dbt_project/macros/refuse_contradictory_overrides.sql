{#- Stops with an error that names them where decisions of people contradict each other: two records that
    are to be kept apart, while others of the decisions link them, directly or over further records.

    Args:
        overrides: the relation of the seed identity_overrides. -#}
{% macro refuse_contradictory_overrides(overrides) -%}
    {%- if execute and load_relation(overrides) -%}
        {%- set contradictions = run_query(_contradictory_overrides(overrides)) -%}
        {%- if contradictions.rows -%}
            {{ exceptions.raise_compiler_error(
                "seeds/identity_overrides.csv contradicts itself: "
                ~ contradictions.columns['contradiction'].values() | join('; ')
                ~ ". Take one of the decisions back."
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro _contradictory_overrides(overrides) -%}
    with decided_links as (
        select record_id_a, record_id_b, author, decided_on
        from {{ overrides }}
        where decision = 'link'
    ),

    decided_groups as (
        {{ connected_components('decided_links') }}
    ),

    contradicted_separations as (
        select
            separations.record_id_a,
            separations.record_id_b,
            separations.author,
            separations.decided_on,
            groups_a.component
        from {{ overrides }} as separations
        inner join decided_groups as groups_a on separations.record_id_a = groups_a.node
        inner join decided_groups as groups_b on separations.record_id_b = groups_b.node
        where separations.decision = 'separate' and groups_a.component = groups_b.component
    )

    select
        'separate ' || separations.record_id_a || ' and ' || separations.record_id_b
        || ' (' || separations.author || ', ' || separations.decided_on || '), but '
        || {{ dbt.listagg(
            "'link ' || links.record_id_a || ' and ' || links.record_id_b || ' (' || links.author || ', '"
            ~ " || links.decided_on || ')'",
            "', '",
            "order by links.record_id_a, links.record_id_b"
        ) }} as contradiction
    from contradicted_separations as separations
    inner join decided_groups on separations.component = decided_groups.component
    inner join decided_links as links on decided_groups.node = links.record_id_a
    group by separations.record_id_a, separations.record_id_b, separations.author, separations.decided_on
{%- endmacro %}
