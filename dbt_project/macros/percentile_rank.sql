{#- The share of the others whose value is lower (`asc`) or higher (`desc`), 0 to 1, among rows that have a value.
    Equal values rank equal; null stays null, and so does the only value that there is.

    Args:
        expression: what to rank by.
        direction: `asc` where more is more, `desc` where less is more. -#}
{% macro percentile_rank(expression, direction='asc') -%}
    case
        when {{ expression }} is not null
            then {{ share_of(
                'rank() over (partition by case when ' ~ expression ~ ' is null then 1 else 0 end order by '
                ~ expression ~ ' ' ~ direction ~ ') - 1',
                'count(' ~ expression ~ ') over () - 1'
            ) }}
    end
{%- endmacro %}
