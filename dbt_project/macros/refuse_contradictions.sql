{#- Stops with an error that names them where statements of people about pairs of records contradict each
    other: two records are said to be two people, while others of the statements make them one, directly
    or over further records.

    Args:
        statements: the relation of the seed, with record_id_a and record_id_b.
        is_one_person: the condition under which a row says that both are one person; else they are two.
        one_person, two_people: how the error words either statement, before the records.
        author, stated_on: the columns that tell who said so, and when. -#}
{% macro refuse_contradictions(statements, is_one_person, one_person, two_people, author, stated_on) -%}
    {%- if execute and load_relation(statements) -%}
        {%- set contradictions = run_query(_contradictory_statements(
            statements, is_one_person, one_person, two_people, author, stated_on
        )) -%}
        {%- if contradictions.rows -%}
            {{ exceptions.raise_compiler_error(
                "seeds/" ~ statements.identifier ~ ".csv contradicts itself: "
                ~ contradictions.columns['contradiction'].values() | join('; ')
                ~ ". Take one of these rows back."
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro _contradictory_statements(statements, is_one_person, one_person, two_people, author, stated_on) -%}
    with links as (
        select record_id_a, record_id_b, {{ author }} as author, {{ stated_on }} as stated_on
        from {{ statements }}
        where {{ is_one_person }}
    ),

    linked_groups as (
        {{ connected_components('links') }}
    ),

    contradicted_separations as (
        select
            separations.record_id_a,
            separations.record_id_b,
            separations.{{ author }} as author,
            separations.{{ stated_on }} as stated_on,
            groups_a.component
        from {{ statements }} as separations
        inner join linked_groups as groups_a on separations.record_id_a = groups_a.node
        inner join linked_groups as groups_b on separations.record_id_b = groups_b.node
        where not ({{ is_one_person }}) and groups_a.component = groups_b.component
    )

    select
        '{{ two_people }} ' || separations.record_id_a || ' and ' || separations.record_id_b
        || ' (' || separations.author || ', ' || separations.stated_on || '), but '
        || {{ dbt.listagg(
            "'" ~ one_person ~ " ' || links.record_id_a || ' and ' || links.record_id_b"
            ~ " || ' (' || links.author || ', ' || links.stated_on || ')'",
            "', '",
            "order by links.record_id_a, links.record_id_b"
        ) }} as contradiction
    from contradicted_separations as separations
    inner join linked_groups on separations.component = linked_groups.component
    inner join links on linked_groups.node = links.record_id_a
    group by separations.record_id_a, separations.record_id_b, separations.author, separations.stated_on
{%- endmacro %}
