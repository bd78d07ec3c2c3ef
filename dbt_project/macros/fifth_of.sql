{#- Which fifth, 1 to 5, a score of 1 to `bins` lies in: the one that holds the middle of the score's bin. Of five
    bins each score is its own fifth; of ones in between (the mean of two scores) the higher one.

    Args:
        score: expression.
        bins: number of scores. -#}
{% macro fifth_of(score, bins) -%}
    cast(floor(5.0 * ({{ score }} - 0.5) / {{ bins }}) as integer) + 1
{%- endmacro %}
