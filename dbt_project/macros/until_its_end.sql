{#- Whether a segment's day lies no later than its end, the `ends_on` of its meta: a condition for the where clause
    of an ad hoc segment, which has no members from then on. Says so where it is built for a later day.

    Args:
        day: the column with the day, where a segment joins tables. -#}
{% macro until_its_end(day='as_of') -%}
    {#- While dbt parses, properties are not known yet; a preview is of no model. -#}
    {%- if not execute or model.resource_type == 'sql_operation' -%}
        (true)
    {%- else -%}
        {%- set ends_on = _end_of_segment() -%}
        {%- if model.get('batch') and ends_on < model.batch.event_time_start.strftime('%Y-%m-%d') -%}
            {{ log(
                "segments." ~ model.name ~ " ended on " ~ ends_on ~ ": it is empty on "
                ~ model.batch.event_time_start.strftime('%Y-%m-%d') ~ ".", info=true
            ) }}
        {%- endif -%}
        ({{ day }} <= cast('{{ ends_on }}' as date))
    {%- endif -%}
{%- endmacro %}

{#- The day in `ends_on` of the meta of a segment. (A unit test has none: it overrides until_its_end.) -#}
{% macro _end_of_segment() -%}
    {%- set ends_on = model.config.meta.get('ends_on') -%}
    {%- if not ends_on -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ " calls until_its_end, but has no end. Write ends_on into its config.meta, in "
            ~ "_segments__models.yml."
        ) }}
    {%- endif -%}
    {{ return(ends_on | string) }}
{%- endmacro %}
