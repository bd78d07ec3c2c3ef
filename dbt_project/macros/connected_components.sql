{#- Connected components of a graph, run to convergence: a query with one row per node of `edges` and
    the smallest node that it is connected with, however long the way.

    Args:
        edges: name of a relation or CTE with one row per edge, in either direction.
        node_a, node_b: its columns with the two ends of an edge.

    Returns: a query with the columns `node` and `component`. Nodes without an edge are not in it.

    Every round hooks each tree of labels to the smallest label among its neighbours and halves the
    way to the root, so that a chain of n nodes takes about log n rounds, not n. The steps are
    materialized since the planner, which cannot know how large a recursive table is, orders the
    joins badly when it inlines them. -#}
{% macro connected_components(edges, node_a='record_id_a', node_b='record_id_b') -%}
    {{ return(adapter.dispatch('connected_components', 'customer_segmentation')(edges, node_a, node_b)) }}
{%- endmacro %}

{% macro duckdb__connected_components(edges, node_a, node_b) -%}
    with recursive nodes as materialized (
        select
            node,
            row_number() over (order by node) as number
        from (
            select {{ node_a }} as node from {{ edges }}
            union
            select {{ node_b }} as node from {{ edges }}
        )
    ),

    numbered_edges as materialized (
        select distinct
            nodes_a.number as number_a,
            nodes_b.number as number_b
        from {{ edges }} as edges
        inner join nodes as nodes_a on edges.{{ node_a }} = nodes_a.node
        inner join nodes as nodes_b on edges.{{ node_b }} = nodes_b.node
    ),

    links as materialized (
        select number_a as number, number_b as neighbour from numbered_edges
        union all
        select number_b as number, number_a as neighbour from numbered_edges
    ),

    labels (number, label) using key (number) as (
        select number, number as label from nodes
        union
        (
            with known as materialized (
                select number, label
                from recurring.labels
                -- The rows that the last round changed: without any, all labels stand.
                where (select count(*) from labels) > 0
            ),

            parents as materialized (
                select known.number, known.label, parent.label as parent
                from known
                inner join known as parent on known.label = parent.number
            ),

            smallest_neighbours as materialized (
                select links.number, min(parents.parent) as label
                from links
                inner join parents on links.neighbour = parents.number
                group by links.number
            ),

            offers as materialized (
                select number, label from smallest_neighbours
                union all
                select parents.label as number, smallest_neighbours.label
                from smallest_neighbours
                inner join parents on smallest_neighbours.number = parents.number
                union all
                select number, parent as label from parents
            ),

            best_offers as materialized (
                select number, min(label) as label
                from offers
                group by number
            )

            select best_offers.number, best_offers.label
            from best_offers
            inner join known on best_offers.number = known.number
            where best_offers.label < known.label
        )
    )

    select
        nodes.node,
        roots.node as component
    from labels
    inner join nodes on labels.number = nodes.number
    inner join nodes as roots on labels.label = roots.number
{%- endmacro %}
