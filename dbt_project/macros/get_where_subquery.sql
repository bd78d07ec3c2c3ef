{#- What a generic data test reads: dbt's macro of this name, which in `where` also knows `days_of_the_run`: the
    days for which dbt builds, or the newest one where it names none. Only these can be judged by the release
    that runs: other days keep what they were built with, and were tested then.

    Args:
        relation: the tested table. -#}
{% macro get_where_subquery(relation) -%}
    {%- set condition = config.get('where') -%}
    {%- if condition == 'days_of_the_run' -%}
        {%- set starts_on = invocation_args_dict.get('event_time_start') -%}
        {%- set ends_before = invocation_args_dict.get('event_time_end') -%}
        {%- if starts_on and ends_before -%}
            {%- set condition -%}
                as_of >= cast('{{ (starts_on | string)[:10] }}' as date)
                and as_of < cast('{{ (ends_before | string)[:10] }}' as date)
            {%- endset -%}
            {%- do return('(select * from ' ~ relation ~ ' where ' ~ condition ~ ') as days_of_the_run') -%}
        {%- endif -%}
        {%- do return(
            '(select * from ' ~ relation ~ ' where as_of = (select max(as_of) from ' ~ relation
            ~ ')) as days_of_the_run'
        ) -%}
    {%- endif -%}
    {%- do return(adapter.dispatch('get_where_subquery', 'dbt')(relation)) -%}
{%- endmacro %}
