{#- The materialization `roll_up`: a table of periods added up, of which those are added up again whose facts are not
    as they were. Rows of a period that has other facts now, or none, are taken away by the columns that
    `unique_key` names (the period and its fingerprint, which conformed.activity_days has as they are now); then
    what is missing is added up, a month or a year at a time (`batch_size`), first to last: memory is that of the
    largest one however much history there is, and a window reads no more of the table than its days. All of it is
    one transaction, a full refresh too: a run that stops leaves the table as it was.
    The model's query selects by `periods_to_roll_up` and `is_within_roll_up`. -#}
{% materialization roll_up, default -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set activity_days = ref('activity_days') -%}
    {%- set batch_size = config.require('batch_size') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set no_rows = get_empty_subquery_sql(compiled_code) -%}
    {%- if existing_relation is none -%}
        {%- do run_query(create_table_as(False, target_relation, no_rows)) -%}
    {%- else -%}
        {%- set new_relation = make_temp_relation(target_relation) -%}
        {%- do run_query(create_table_as(True, new_relation, no_rows)) -%}
        {%- do process_schema_changes('sync_all_columns', new_relation, existing_relation) -%}
        {%- do adapter.drop_relation(new_relation) -%}
    {%- endif -%}

    {%- set held = [] -%}
    {%- for column in config.require('unique_key') -%}
        {%- do held.append('activity_days.' ~ column ~ ' = held_periods.' ~ column) -%}
    {%- endfor -%}
    {%- set is_held = held | join(' and ') -%}
    {% call statement('main') -%}
        delete from {{ target_relation }} as held_periods
        {% if not should_full_refresh() -%}
        where not exists (select 1 from {{ activity_days }} as activity_days where {{ is_held }})
        {%- endif %}
    {%- endcall %}
    {%- set first_days = run_query(
        "select distinct cast(" ~ dbt.date_trunc(batch_size, 'activity_days.activity_on') ~ " as date) as first_day "
        ~ "from " ~ activity_days ~ " as activity_days "
        ~ "where not exists (select 1 from " ~ target_relation ~ " as held_periods where " ~ is_held ~ ") "
        ~ "order by first_day"
    ).columns[0].values() -%}
    {%- set columns = get_quoted_csv(adapter.get_columns_in_relation(target_relation) | map(attribute='name')) -%}
    {%- for first_day in first_days -%}
        {%- set next_day = 'cast(' ~ dbt.dateadd(batch_size, 1, "date '" ~ first_day ~ "'") ~ ' as date)' -%}
        {%- do run_query(
            set_variable('roll_up_begins', "date '" ~ first_day ~ "'") ~ '; ' ~ set_variable('roll_up_ends', next_day)
        ) -%}
        {%- do run_query(
            'insert into ' ~ target_relation ~ ' (' ~ columns ~ ') select ' ~ columns ~ ' from (' ~ compiled_code ~ ')'
        ) -%}
    {%- endfor -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}
