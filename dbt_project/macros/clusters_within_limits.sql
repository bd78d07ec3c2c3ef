{#- Clusters that keep limits, joined from the strongest pair to the weakest.

    In every round each cluster picks the strongest pair that leads out of it and may be joined; two that
    picked each other join. What may not be joined now never may, since clusters only grow, so this ends
    where going through all pairs one by one would end, in about as many rounds as the logarithm of the
    largest cluster.

    Args:
        first_labels: CTE with the columns record_id and label: what belongs together from the beginning.
        ranked_pairs: CTE with record_id_a, record_id_b and position, a number of its own for each pair,
            the strongest first.
        limited_values: CTE with record_id, kind, value and limit_value: of a kind no cluster gets more
            values than the limit, unless it begins with them.
        separations: CTE with record_id_a and record_id_b that never come together.
        max_records: how many records a cluster may have.

    Returns: a query with the columns record_id and label. -#}
{% macro clusters_within_limits(first_labels, ranked_pairs, limited_values, separations, max_records) -%}
    {{ return(adapter.dispatch('clusters_within_limits', 'customer_segmentation')(
        first_labels, ranked_pairs, limited_values, separations, max_records
    )) }}
{%- endmacro %}

{% macro duckdb__clusters_within_limits(first_labels, ranked_pairs, limited_values, separations, max_records) -%}
    with recursive labels (record_id, label) using key (record_id) as (
        select record_id, label from {{ first_labels }}
        union
        (
            with known as materialized (
                select record_id, label
                from recurring.labels
                -- The rows that the last round changed: without any, all labels stand.
                where (select count(*) from labels) > 0
            ),

            cluster_pairs as materialized (
                select
                    least(known_a.label, known_b.label) as label_a,
                    greatest(known_a.label, known_b.label) as label_b,
                    min(pairs.position) as position
                from {{ ranked_pairs }} as pairs
                inner join known as known_a on pairs.record_id_a = known_a.record_id
                inner join known as known_b on pairs.record_id_b = known_b.record_id
                where known_a.label <> known_b.label
                group by label_a, label_b
            ),

            sizes as materialized (
                select label, count(*) as record_count from known group by label
            ),

            held_values as materialized (
                select distinct known.label, held.kind, held.value, held.limit_value
                from {{ limited_values }} as held
                inner join known on held.record_id = known.record_id
            ),

            joint_values as materialized (
                select
                    cluster_pairs.label_a,
                    cluster_pairs.label_b,
                    held_values.kind,
                    greatest(
                        min(held_values.limit_value),
                        count(distinct case when held_values.label = label_a then held_values.value end),
                        count(distinct case when held_values.label = label_b then held_values.value end)
                    ) as limit_value,
                    count(distinct held_values.value) as value_count
                from cluster_pairs
                inner join held_values
                    on held_values.label in (cluster_pairs.label_a, cluster_pairs.label_b)
                group by cluster_pairs.label_a, cluster_pairs.label_b, held_values.kind
            ),

            forbidden_pairs as materialized (
                select label_a, label_b from joint_values where value_count > limit_value
                union
                select
                    least(known_a.label, known_b.label) as label_a,
                    greatest(known_a.label, known_b.label) as label_b
                from {{ separations }} as separations
                inner join known as known_a on separations.record_id_a = known_a.record_id
                inner join known as known_b on separations.record_id_b = known_b.record_id
                union
                select cluster_pairs.label_a, cluster_pairs.label_b
                from cluster_pairs
                inner join sizes as sizes_a on cluster_pairs.label_a = sizes_a.label
                inner join sizes as sizes_b on cluster_pairs.label_b = sizes_b.label
                where sizes_a.record_count + sizes_b.record_count > {{ max_records }}
            ),

            open_pairs as materialized (
                select cluster_pairs.label_a, cluster_pairs.label_b, cluster_pairs.position
                from cluster_pairs
                anti join forbidden_pairs
                    on
                        cluster_pairs.label_a = forbidden_pairs.label_a
                        and cluster_pairs.label_b = forbidden_pairs.label_b
            ),

            choices as materialized (
                select label, min(position) as position
                from (
                    select label_a as label, position from open_pairs
                    union all
                    select label_b as label, position from open_pairs
                ) as ends
                group by label
            )

            select known.record_id, open_pairs.label_a as label
            from open_pairs
            inner join choices as choices_a
                on open_pairs.label_a = choices_a.label and open_pairs.position = choices_a.position
            inner join choices as choices_b
                on open_pairs.label_b = choices_b.label and open_pairs.position = choices_b.position
            inner join known on open_pairs.label_b = known.label
        )
    )

    select record_id, label from labels
{%- endmacro %}
