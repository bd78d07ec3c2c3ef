{#- The incremental strategy `replace_unresolved`: takes away what a table of the stage identity says of the
    records that this run resolves, by the column that its `unique_key` names, and puts in what is now said
    of them. (dbt finds a strategy of a project by the name of this macro.) -#}
{% macro get_incremental_replace_unresolved_sql(arguments) -%}
    {%- set columns = get_quoted_csv(arguments['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arguments['target_relation'] }}
    where {{ arguments['unique_key'] }} in (select record_id from {{ ref('unresolved_records') }});
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}
