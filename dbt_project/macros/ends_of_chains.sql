{#- Where chains end: from nodes whose end is known back to all from which steps lead there, however long the
    way.

    Args:
        steps: CTE with one row per node that leads on.
        node, next_node: its columns with the node, and with the one that it leads to.
        ends: CTE with the nodes at which chains end, in a column of the name `node`.
        end: its column with what is known of them.

    Returns: a query of all nodes of which the end is known, those of `ends` too, with the columns of `ends`.
    Whatever runs in a circle, or leads to nothing that is known, is not in it.

    Each round takes one step of all chains at once and each node is reached once: the effort is that of the
    steps, in as many rounds as the longest chain has. -#}
{% macro ends_of_chains(steps, node, next_node, ends, end) -%}
    {{ return(adapter.dispatch('ends_of_chains', 'customer_segmentation')(
        steps, node, next_node, ends, end
    )) }}
{%- endmacro %}

{% macro default__ends_of_chains(steps, node, next_node, ends, end) -%}
    with recursive reached as (
        select {{ node }}, {{ end }} from {{ ends }}
        union all
        select steps.{{ node }}, reached.{{ end }}
        from {{ steps }} as steps
        inner join reached on steps.{{ next_node }} = reached.{{ node }}
    )

    select {{ node }}, {{ end }} from reached
{%- endmacro %}
