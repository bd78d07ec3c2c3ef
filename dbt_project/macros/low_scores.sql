{#- The scores of identities that are below their bars.

    Args:
        identity_scores: the relation.

    Returns: a query with the columns evidence, measure (precision or recall), score, pair_count (the pairs
        that the score is a share of) and least_score. -#}
{% macro low_scores(identity_scores) -%}
    with judged_scores as (

        select
            evidence,
            'precision' as measure,
            precision as score,
            found_pairs as pair_count,
            {{ var('least_identity_precision') }} as least_score
        from {{ identity_scores }}
        where scope = 'all records'
        union all
        select
            evidence,
            'recall' as measure,
            recall as score,
            true_pairs as pair_count,
            {{ var('least_identity_recall') }} as least_score
        from {{ identity_scores }}
        where scope = 'identified records'

    )

    select
        evidence,
        measure,
        score,
        pair_count,
        least_score
    from judged_scores
    where score < least_score and pair_count >= {{ var('least_scored_pairs') }}
{%- endmacro %}
