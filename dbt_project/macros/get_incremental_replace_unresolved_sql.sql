{#- The incremental strategy `replace_unresolved`: what a table of the stage identity says of the records that
    this run resolves, or of their profiles, by the column that its `unique_key` names, becomes what is now said
    of them; of profiles, also what is said anew of further ones. Where these are all records, nothing stays of a
    table by their numbers, also what an older release left by other ones. (dbt finds a strategy of a project by
    the name of this macro.) -#}
{% macro get_incremental_replace_unresolved_sql(arguments) -%}
    {%- set relation = arguments['target_relation'] -%}
    {%- set rows = arguments['temp_relation'] -%}
    {%- set columns = arguments['dest_columns'] | map(attribute='quoted') | list -%}
    {%- set key = arguments['unique_key'] -%}
    {%- if key == 'profile_id' -%}
        {%- set profiles -%}
            {{ profiles_of_unresolved_records() }}
            union all
            select described.profile_id from {{ rows }} as described
        {%- endset -%}
        {{ replaced_rows(relation, key ~ ' in (' ~ profiles ~ ')', rows, columns) }}
    {%- elif resolves_all_records() -%}
        {{ default__replaced_rows(relation, 'true', rows, columns) }}
    {%- else -%}
        {{ replaced_rows(relation, key ~ ' in (' ~ numbers_of_unresolved_records() ~ ')', rows, columns) }}
    {%- endif -%}
{%- endmacro %}
