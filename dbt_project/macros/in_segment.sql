{#- Whether a person is named by the rule of another segment on the day: a condition for a segment's where
    clause. Minimum dwell and exclusive families, which memberships follow, change nothing here.

    Args:
        segment: the segment's name.
        profile: the column with the person, where a segment joins tables. -#}
{% macro in_segment(segment, profile='profile_id') -%}
    ({{ profile }} in ({{ _who_is_in('in_segment', segment) }}))
{%- endmacro %}

{#- Whether a person is not named by the rule of another segment on the day: a condition for a segment's where
    clause.

    Args:
        segment, profile: as in `in_segment`. -#}
{% macro not_in_segment(segment, profile='profile_id') -%}
    ({{ profile }} not in ({{ _who_is_in('not_in_segment', segment) }}))
{%- endmacro %}

{#- The people whom the rule of a segment names on the day: a query on one line. Where the segment was not
    built for the day, or is none, a query that fails with what is wrong. -#}
{% macro _who_is_in(asked_by, segment) -%}
    {%- if segment is not string or not segment -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ " calls " ~ asked_by ~ "(" ~ segment ~ "). Write the name of a segment in quotes."
        ) }}
    {%- endif -%}
    {%- set relation = ref(segment) -%}
    {%- set fault = _fault_of_naming(segment, relation) -%}
    {%- if fault and model.get('batch') -%}
        select {{ raised_error(fault) }} as profile_id
    {%- elif fault -%}
        {{ exceptions.raise_compiler_error(fault) }}
    {%- else -%}
        select profile_id from {{ relation }}
    {%- endif -%}
{%- endmacro %}

{#- What is wrong with naming a segment here and now, as a sentence; empty where nothing is. A segment without
    members on the day must be built in this run, or be recorded as built, or it would be empty by mistake. -#}
{% macro _fault_of_naming(segment, relation) -%}
    {%- set faults = [] -%}
    {#- The rows of a unit test stand in no schema. -#}
    {%- if execute and relation.schema -%}
        {%- if relation.schema != model.schema and model.resource_type == 'model' -%}
            {%- do faults.append(
                model.name ~ " asks who is in the segment " ~ segment ~ ", but " ~ relation.schema ~ "." ~ segment
                ~ " is no segment."
            ) -%}
        {%- elif model.get('batch') and ['model', project_name, segment] | join('.') not in selected_resources
            and not _is_built(segment, relation) -%}
            {%- do faults.append(
                model.name ~ " asks who is in the segment " ~ segment ~ ", which was not built for "
                ~ model.batch.event_time_start.strftime('%Y-%m-%d') ~ ". Materialize segments/" ~ segment
                ~ " for this day, then segments/" ~ model.name ~ "."
            ) -%}
        {%- endif -%}
    {%- endif -%}
    {{ return(faults | join) }}
{%- endmacro %}

{#- Whether a segment was built for the batch's day: it has members then, or Dagster has recorded that it was. -#}
{% macro _is_built(segment, relation) -%}
    {%- if not load_relation(relation) -%}
        {{ return(false) }}
    {%- endif -%}
    {%- if run_query("select 1 from " ~ relation ~ " limit 1").rows -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set builds = adapter.get_relation(relation.database, 'metrics', 'segment_builds') -%}
    {%- if not builds -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set recorded -%}
        select 1 from {{ builds }} where segment = '{{ segment }}' and as_of = {{ as_of_date() }}
    {%- endset -%}
    {{ return(run_query(recorded).rows | length > 0) }}
{%- endmacro %}
