{#- The incremental strategy `replace_unresolved`: takes away what a table of the stage identity says of the
    records that this run resolves, or of their profiles, by the column that its `unique_key` names, and puts
    in what is now said of them. A table by numbers of records keeps what belongs to a record that is there:
    what an older release left in other columns, or by other numbers, goes. (dbt finds a strategy of a project
    by the name of this macro.) -#}
{% macro get_incremental_replace_unresolved_sql(arguments) -%}
    {%- set columns = get_quoted_csv(arguments['dest_columns'] | map(attribute='name')) -%}
    {%- set key = arguments['unique_key'] -%}
    delete from {{ arguments['target_relation'] }}
    where
        {% if key == 'profile_id' -%}
        {{ key }} in ({{ profiles_of_unresolved_records() }})
        {%- elif key in ['record_number', 'component_number'] -%}
        {{ key }} in ({{ ids_of_unresolved_records(key) }})
        or {{ key }} is null
        or {{ key }} not in (select present.record_number from {{ ref('customer_records') }} as present)
        {%- else -%}
        {{ key }} in ({{ ids_of_unresolved_records() }})
        {%- endif %};
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}
