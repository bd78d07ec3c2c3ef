{#- The incremental strategy `replace_unresolved`: takes away what a table of the stage identity says of the
    records that this run resolves, or of their profiles, by the column that its `unique_key` names, and puts
    in what is now said of them. Where these are all records, nothing stays of a table by their numbers, also
    what an older release left by other ones. (dbt finds a strategy of a project by the name of this macro.) -#}
{% macro get_incremental_replace_unresolved_sql(arguments) -%}
    {%- set columns = get_quoted_csv(arguments['dest_columns'] | map(attribute='name')) -%}
    {%- set key = arguments['unique_key'] -%}
    delete from {{ arguments['target_relation'] }}
    {%- if key == 'profile_id' %}
    where {{ key }} in ({{ profiles_of_unresolved_records() }})
    {%- elif not resolves_all_records() %}
    where {{ key }} in ({{ numbers_of_unresolved_records() }})
    {%- endif %};
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}
