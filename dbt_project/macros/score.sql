{#- A score from 1 to `bins` by rank among rows that have a value: one more than the number of whole
    bins that score strictly lower. Equal values always score equal; null stays null.

    Args:
        expression: what to score by.
        direction: `asc` where more is better, `desc` where less is better.
        bins: number of scores. -#}
{% macro score(expression, direction='asc', bins=5) -%}
    case
        when {{ expression }} is not null
            then cast(floor(
                1.0 * {{ bins }} * (
                    rank() over (
                        partition by case when {{ expression }} is null then 1 else 0 end
                        order by {{ expression }} {{ direction }}
                    ) - 1
                ) / count({{ expression }}) over ()
            ) as integer) + 1
    end
{%- endmacro %}
