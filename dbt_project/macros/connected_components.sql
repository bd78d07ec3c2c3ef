{#- Connected components of a graph, run to convergence: a query with one row per node of `edges` and
    the smallest node that it is connected with, however long the way.

    Args:
        edges: name of a relation or CTE with one row per edge, in either direction.
        node_a, node_b: its columns with the two ends of an edge.

    Returns: a query with the columns `node` and `component`. Nodes without an edge are not in it.

    The graph is contracted: every node chooses a node among itself and its neighbours, edges move to
    the chosen ones, and what still leads from one to another is the next round's graph. Any choice
    gives the right components; the order decides how fast the graph shrinks. First all choose the
    smallest, since then a star around its smallest node is done in one go, and stars are what
    identity has. Later rounds order the nodes by chance, another one in each, so that no graph is a
    bad case: it loses a share of its nodes in each round, and a chain of n takes about log n rounds. Nodes
    with the same hash go by themselves, or two neighbours might choose each other for ever.
    (Bögeholz, Brand and Todor, In-database connected component analysis, 2020.)

    Joins are of two at a time and the steps materialized, since the planner cannot know how large a
    recursive table is: joining three it may begin with the product of two. -#}
{% macro connected_components(edges, node_a='record_id_a', node_b='record_id_b') -%}
    {{ return(adapter.dispatch('connected_components', 'customer_segmentation')(edges, node_a, node_b)) }}
{%- endmacro %}

{% macro duckdb__connected_components(edges, node_a, node_b) -%}
    with recursive first_choices as materialized (
        select node, least(node, min(neighbour)) as chosen
        from (
            select {{ node_a }} as node, {{ node_b }} as neighbour from {{ edges }}
            union all
            select {{ node_b }} as node, {{ node_a }} as neighbour from {{ edges }}
        )
        group by node
    ),

    first_half_moved as materialized (
        select choices.chosen as node_a, edges.{{ node_b }} as node_b
        from {{ edges }} as edges
        inner join first_choices as choices on edges.{{ node_a }} = choices.node
    ),

    -- Both what is left of the graph after each round and what its nodes chose.
    contractions (round, is_edge, node_a, node_b) as (
        select distinct
            0 as round,
            true as is_edge,
            half_moved.node_a,
            choices.chosen as node_b
        from first_half_moved as half_moved
        inner join first_choices as choices on half_moved.node_b = choices.node
        where half_moved.node_a <> choices.chosen
        union all
        (
            with edges_left as materialized (
                select round, node_a, node_b
                from contractions
                where is_edge
            ),

            choices as materialized (
                select
                    round,
                    node,
                    case
                        when (hash(node, round), node) < min((hash(neighbour, round), neighbour)) then node
                        else arg_min(neighbour, (hash(neighbour, round), neighbour))
                    end as chosen
                from (
                    select round, node_a as node, node_b as neighbour from edges_left
                    union all
                    select round, node_b as node, node_a as neighbour from edges_left
                )
                group by round, node
            ),

            half_moved as materialized (
                select edges_left.round, choices.chosen as node_a, edges_left.node_b
                from edges_left
                inner join choices on edges_left.node_a = choices.node
            )

            select round + 1 as round, false as is_edge, node as node_a, chosen as node_b
            from choices
            union all
            select distinct half_moved.round + 1, true, half_moved.node_a, choices.chosen
            from half_moved
            inner join choices on half_moved.node_b = choices.node
            where half_moved.node_a <> choices.chosen
        )
    ),

    choices as materialized (
        select round, node_a as node, node_b as chosen
        from contractions
        where not is_edge
    ),

    -- From the last round back to the first: what a node chose may have chosen another one since.
    labels (round, node, label) as (
        select round, node, chosen as label
        from choices
        where round = (select max(round) from choices)
        union all
        select choices.round, choices.node, coalesce(labels.label, choices.chosen) as label
        from choices
        left join labels on choices.chosen = labels.node
        where choices.round = (select min(round) from labels) - 1
    ),

    smallest_nodes as materialized (
        select node, min(node) over (partition by label) as component
        from labels
        where round = 1
    )

    select
        first_choices.node,
        coalesce(smallest_nodes.component, first_choices.chosen) as component
    from first_choices
    left join smallest_nodes on first_choices.chosen = smallest_nodes.node
{%- endmacro %}
