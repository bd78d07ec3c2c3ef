{#- Bridges of clusters: the links without which their cluster falls apart, and what falls off. A link is
    all rows that go by one number and holds together whatever stands in them, as a shared value does;
    without it all of them are gone at once. Two links between the same two nodes are two: neither is a
    bridge.

    Args:
        links: name of a relation or CTE with two nodes of a link per row, all of one cluster. The links
            of a cluster connect it.
        cluster, link, node_a, node_b: its columns with the cluster, the link, which no other cluster has,
            and the two nodes, all as numbers of 64 bits, since they are grouped and joined many times.

    Returns: a query with the columns `cluster`, `link`, `part` and `node`. What a cluster falls into
    without the link are parts; each but the largest is there with all its nodes and bears the number of one
    of them. So a link with two ends has one part at most, and that is the smaller side. Of two of one
    size, the part with the node that most links meet counts as larger, and of such nodes the one with the
    smallest number.

    Nodes and links are one graph with two sorts of vertices, and a bridge is a link that is a cut vertex.
    A breadth-first tree is grown through it from the node of most links. What hangs below a node of the
    tree falls off with the link above it unless a row that is not in the tree closes a ring around that
    link: the ways up from the row's two ends, as far as they differ, are the nodes that it secures. This is
    exact, where sampling rings (Pritchard and Thurimella, Fast computation of small cuts via cycle space
    sampling, 2011) is exact but for chance, and finds links with two ends alone. The effort is that of all
    ways up added up: they are short, but for chains.

    Joins are of two at a time and the steps materialized, since the planner cannot know how large a
    recursive table is. -#}
{% macro bridges(links, cluster, link, node_a, node_b) -%}
    {{ return(adapter.dispatch('bridges', 'customer_segmentation')(links, cluster, link, node_a, node_b)) }}
{%- endmacro %}

{% macro duckdb__bridges(links, cluster, link, node_a, node_b) -%}
    with recursive ends as materialized (
        select {{ cluster }} as cluster, {{ link }} as link, {{ node_a }} as node from {{ links }}
        union
        select {{ cluster }} as cluster, {{ link }} as link, {{ node_b }} as node from {{ links }}
    ),

    nodes as materialized (
        select node, any_value(cluster) as cluster, count(*) as link_count
        from ends
        group by node
    ),

    most_links as materialized (
        select cluster, count(*) as node_count, max(link_count) as link_count
        from nodes
        group by cluster
    ),

    roots as materialized (
        select nodes.cluster, min(nodes.node) as node
        from nodes
        inner join most_links on nodes.cluster = most_links.cluster
        where nodes.link_count = most_links.link_count
        group by nodes.cluster
    ),

    -- What each round reached, nodes with their way up and links with the node above, and the ends left.
    search (link, node, parent, way) as (
        select null::bigint as link, node, null::bigint as parent, []::bigint[] as way from roots
        union all
        select link, node, null as parent, null as way from ends
        union all
        (
            with reached as materialized (
                select node, way
                from search
                where way is not null
            ),

            ends_left as materialized (
                select link, node
                from search
                where way is null and parent is null
            ),

            reached_links as materialized (
                select ends_left.link, min(reached.node) as parent
                from ends_left
                inner join reached on ends_left.node = reached.node
                group by ends_left.link
            ),

            ends_beyond as materialized (
                select ends_left.link, ends_left.node, reached_links.parent
                from ends_left
                left join reached_links on ends_left.link = reached_links.link
            ),

            reached_next as materialized (
                select
                    min(ends_beyond.link) as link,
                    ends_beyond.node,
                    arg_min(ends_beyond.parent, ends_beyond.link) as parent
                from ends_beyond
                anti join reached on ends_beyond.node = reached.node
                where ends_beyond.parent is not null
                group by ends_beyond.node
            )

            select
                reached_next.link,
                reached_next.node,
                reached_next.parent,
                list_append(reached.way, reached_next.node) as way
            from reached_next
            inner join reached on reached_next.parent = reached.node
            union all
            select link, null, parent, null
            from reached_links
            union all
            select link, node, null, null
            from ends_beyond
            where parent is null and exists (from reached)
        )
    ),

    tree as materialized (
        select node, link, way
        from search
        where way is not null and link is not null
    ),

    ways as materialized (
        select node, unnest(way) as above
        from tree
    ),

    links_of_tree as materialized (
        select link, parent
        from search
        where node is null
    ),

    ends_beside_tree as materialized (
        select ends.link, ends.node
        from ends
        anti join tree on ends.link = tree.link and ends.node = tree.node
    ),

    rings as materialized (
        select beside.link, beside.node, links_of_tree.parent
        from ends_beside_tree as beside
        inner join links_of_tree on beside.link = links_of_tree.link
        where beside.node <> links_of_tree.parent
    ),

    steps_of_rings as materialized (
        select link, node, above
        from (
            select rings.link, rings.node, ways.above
            from rings
            inner join ways on rings.node = ways.node
            union all
            select rings.link, rings.node, ways.above
            from rings
            inner join ways on rings.parent = ways.node
        )
        group by link, node, above
        having count(*) = 1
    ),

    -- One node below a link: the ring goes on above it. Two: the ring turns there.
    passes as materialized (
        select distinct link, node_a, node_b
        from (
            select tree.link, min(steps.above) as node_a, max(steps.above) as node_b
            from steps_of_rings as steps
            inner join tree on steps.above = tree.node
            group by steps.link, steps.node, tree.link
        )
    ),

    turns as materialized (
        select node_a, node_b
        from passes
        where node_a <> node_b
    ),

    groups as materialized (
        select found.node, found.component
        from ({{ connected_components('turns', 'node_a', 'node_b') }}) as found
    ),

    branches as materialized (
        select tree.link, tree.node, coalesce(groups.component, tree.node) as part
        from tree
        left join groups on tree.node = groups.node
    ),

    secured_parts as materialized (
        select distinct branches.part
        from passes
        inner join branches on passes.node_a = branches.node
        where passes.node_a = passes.node_b
    ),

    loose_branches as materialized (
        select branches.link, branches.node, branches.part
        from branches
        anti join secured_parts on branches.part = secured_parts.part
    ),

    members as materialized (
        select loose_branches.link, loose_branches.part, ways.node
        from loose_branches
        inner join ways on loose_branches.node = ways.above
    ),

    loose_parts as materialized (
        select link, part, any_value(node) as node, count(*) as node_count
        from members
        group by link, part
    ),

    largest_parts as materialized (
        select
            parts.link,
            any_value(nodes.cluster) as cluster,
            sum(parts.node_count) as loose_count,
            max(parts.node_count) as node_count,
            arg_max(parts.part, (parts.node_count, -parts.part)) as part
        from loose_parts as parts
        inner join nodes on parts.node = nodes.node
        group by parts.link
    ),

    -- Where most of a cluster hangs below a link, what is above falls off.
    judged_links as materialized (
        select
            largest_parts.link,
            largest_parts.cluster,
            case
                when largest_parts.node_count > most_links.node_count - largest_parts.loose_count
                    then largest_parts.part
            end as largest_part
        from largest_parts
        inner join most_links on largest_parts.cluster = most_links.cluster
    ),

    nodes_above as materialized (
        select judged_links.link, judged_links.root as part, nodes.node
        from (
            select judged_links.cluster, judged_links.link, roots.node as root
            from judged_links
            inner join roots on judged_links.cluster = roots.cluster
            where judged_links.largest_part is not null
        ) as judged_links
        inner join nodes on judged_links.cluster = nodes.cluster
        anti join members on judged_links.link = members.link and nodes.node = members.node
    ),

    loose_nodes as materialized (
        select members.link, members.part, members.node
        from members
        inner join judged_links on members.link = judged_links.link
        where judged_links.largest_part is null or members.part <> judged_links.largest_part
        union all
        select link, part, node
        from nodes_above
    )

    select nodes.cluster, loose_nodes.link, loose_nodes.part, loose_nodes.node
    from loose_nodes
    inner join nodes on loose_nodes.node = nodes.node
{%- endmacro %}
