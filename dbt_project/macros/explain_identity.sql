{#- Tells why two records are one person, or are not: the shortest chain of links that joins them, and of
    equally short ones the strongest, with its bridges, else the links between their profiles that were
    rejected, with the reason. Run as
    `dbt run-operation explain_identity --args '{record_id_a: …, record_id_b: …}'`.

    Args:
        record_id_a: one record, as source, a colon, and its id there.
        record_id_b: the other record. -#}
{% macro explain_identity(record_id_a, record_id_b) -%}
    {%- if record_id_a == record_id_b -%}
        {{ exceptions.raise_compiler_error("Both are the record " ~ record_id_a ~ ". Name two.") }}
    {%- endif -%}
    {%- set profiles = run_query(_profiles_of_records(record_id_a, record_id_b)) -%}
    {%- if profiles.rows | length < 2 -%}
        {{ exceptions.raise_compiler_error(
            "Of " ~ record_id_a ~ " and " ~ record_id_b ~ ", identity.identity_map knows "
            ~ (profiles.columns['record_id'].values() | join(', ') or 'neither')
            ~ ". Write a record as source, a colon, and its id there, such as crm__customers:C1."
        ) }}
    {%- endif -%}
    {%- set profile_ids = profiles.columns['profile_id'].values() | unique | list -%}
    {%- if profile_ids | length == 1 -%}
        {%- set steps = run_query(linking_path(record_id_a, record_id_b)).rows -%}
        {%- set chain = namespace(path=record_id_a) -%}
        {%- for step in steps -%}
            {%- set chain.path = chain.path ~ " -[" ~ step['rule'] ~ "]- " ~ step['neighbour'] -%}
        {%- endfor -%}
        {%- do print("One person, " ~ profile_ids[0] ~ ":\n  " ~ chain.path) -%}
        {%- for step in steps -%}
            {%- if not run_query(linking_path(record_id_a, record_id_b, leaving_out=step)).rows -%}
                {%- do print(
                    "  A bridge, nothing else holds them together: "
                    ~ step['record_id'] ~ " -[" ~ step['rule'] ~ "]- " ~ step['neighbour']
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- else -%}
        {%- set rejected = run_query(_between_profiles(
            ref('identity_rejected_links'), ['rule', 'reason'], profile_ids[0], profile_ids[1]
        )) -%}
        {%- set reviews = run_query(_between_profiles(
            ref('identity_review'), ['evidence', 'match_weight'], profile_ids[0], profile_ids[1]
        )) -%}
        {%- set shared = "Rejected links between them:" if rejected.rows else "They share nothing." -%}
        {%- if reviews.rows and not rejected.rows -%}
            {%- set shared = "They share no identifier, but look alike:" -%}
        {%- endif -%}
        {%- do print("Two people, " ~ profile_ids | join(' and ') ~ ". " ~ shared) -%}
        {%- for link in rejected.rows -%}
            {%- do print("  " ~ link[0] ~ " -[" ~ link[2] ~ "]- " ~ link[1] ~ ": " ~ link[3]) -%}
        {%- endfor -%}
        {%- for pair in reviews.rows -%}
            {%- do print(
                "  " ~ pair[0] ~ " and " ~ pair[1] ~ " wait in identity_review: " ~ pair[2]
                ~ " (weight " ~ pair[3] | round(1)
                ~ "; pairs are linked from " ~ var('fuzzy_link_weight') ~ " on)"
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- The shortest chain of links that joins two records, and of equally short ones the one whose weights add up
    to most; what people decided weighs more than anything that is shared.

    Args:
        record_id_a: one record.
        record_id_b: the other record.
        leaving_out: a row of such a query, whose piece of evidence no link of the chain may be: its shared
            value, fuzzy link or override.

    Returns: a query with a row per link, in their order, and the columns `record_id`, `rule` and `neighbour`;
    no row where no chain does. -#}
{% macro linking_path(record_id_a, record_id_b, leaving_out=none) -%}
    {{ return(adapter.dispatch('linking_path', 'customer_segmentation')(record_id_a, record_id_b, leaving_out)) }}
{%- endmacro %}

{% macro duckdb__linking_path(record_id_a, record_id_b, leaving_out) -%}
    with recursive edges as materialized (
        select record_id_a, record_id_b, rule, coalesce(weight, 1000) as weight
        from {{ ref('identity_edges') }}
        {% if leaving_out -%}
        {%- set ends = [leaving_out['record_id'], leaving_out['neighbour']] | sort(case_sensitive=true) -%}
        where
            record_id_a <> {{ dbt.string_literal(ends[0]) }}
            or rule <> {{ dbt.string_literal(leaving_out['rule']) }}
            -- A value that is shared is all links of the star around its first record.
            or (
                record_id_b <> {{ dbt.string_literal(ends[1]) }}
                and rule not in (select kind from {{ ref('identity_rules') }})
            )
        {%- endif %}
    ),

    links as materialized (
        select record_id_a as record_id, record_id_b as neighbour, rule, weight from edges
        union all
        select record_id_b as record_id, record_id_a as neighbour, rule, weight from edges
    ),

    reached (record_id, path, weight) using key (record_id) as (
        select
            {{ dbt.string_literal(record_id_a) }} as record_id,
            [{{ dbt.string_literal(record_id_a) }}] as path,
            cast(0 as double) as weight
        union
        select
            links.neighbour as record_id,
            arg_min(
                list_concat(reached.path, [links.rule, links.neighbour]),
                (-reached.weight - links.weight, reached.path, links.rule)
            ) as path,
            max(reached.weight + links.weight) as weight
        from reached
        inner join links on reached.record_id = links.record_id
        where links.neighbour not in (select known.record_id from recurring.reached as known)
        group by links.neighbour
    )

    select
        path[2 * step - 1] as record_id,
        path[2 * step] as rule,
        path[2 * step + 1] as neighbour
    from (
        select path, unnest(range(1, (len(path) + 1) // 2)) as step
        from reached
        where record_id = {{ dbt.string_literal(record_id_b) }}
    )
    order by step
{%- endmacro %}

{% macro _profiles_of_records(record_id_a, record_id_b) -%}
    select record_id, profile_id
    from {{ ref('identity_map') }}
    where record_id in ({{ dbt.string_literal(record_id_a) }}, {{ dbt.string_literal(record_id_b) }})
{%- endmacro %}

{% macro _between_profiles(relation, columns, profile_id_a, profile_id_b) -%}
    select
        pairs.record_id_a,
        pairs.record_id_b,
        {% for column in columns -%}
        pairs.{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ relation }} as pairs
    inner join {{ ref('identity_map') }} as map_a on pairs.record_id_a = map_a.record_id
    inner join {{ ref('identity_map') }} as map_b on pairs.record_id_b = map_b.record_id
    where
        (map_a.profile_id = '{{ profile_id_a }}' and map_b.profile_id = '{{ profile_id_b }}')
        or (map_a.profile_id = '{{ profile_id_b }}' and map_b.profile_id = '{{ profile_id_a }}')
    order by all
{%- endmacro %}
