{#- A score from 1 to `bins` by rank among rows that have a value. Each row has a place on a line of equal bins, and
    equal values share the middle of their places: of n rows, l lower and e equal (the row itself too), the score is
    1 + floor(bins * (l + e / 2) / n). So a cut falls between values, on the side where it does less harm, and where
    all are equal, or there is but one, all score the middle. Null stays null.

    Args:
        expression: what to score by.
        direction: `asc` where more is better, `desc` where less is better.
        bins: number of scores. -#}
{% macro score(expression, direction='asc', bins=5) -%}
    {%- set has_value = "case when " ~ expression ~ " is null then 1 else 0 end" -%}
    case
        when {{ expression }} is not null
            then cast(floor(
                1.0 * {{ bins }} * (
                    2 * (rank() over (partition by {{ has_value }} order by {{ expression }} {{ direction }}) - 1)
                    + count(*) over (partition by {{ expression }})
                ) / (2 * count({{ expression }}) over ())
            ) as integer) + 1
    end
{%- endmacro %}
