{#- The incremental strategy `replace_changed_periods`: takes away the rows of a roll-up whose period has other
    facts now, or none, by the columns that its `unique_key` names (the period and its fingerprint, which
    conformed.activity_days has as they are now), and puts in what was rolled up. (dbt finds a strategy of a
    project by the name of this macro.) -#}
{% macro get_incremental_replace_changed_periods_sql(arguments) -%}
    {%- set columns = get_quoted_csv(arguments['dest_columns'] | map(attribute='name')) -%}
    {%- set target_relation = arguments['target_relation'] -%}
    delete from {{ target_relation }}
    where not exists (
        select 1 from {{ ref('activity_days') }} as periods
        where
            {% for column in arguments['unique_key'] -%}
            {{ 'and ' if not loop.first }}periods.{{ column }} = {{ target_relation }}.{{ column }}
            {% endfor %}
    );
    insert into {{ target_relation }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}
