{#- Whether this run resolves every record that is there, as after a change of the rules. Asked by models that
    depend on identity.unresolved_records, and so on conformed.customer_records, but do not refer to it. -#}
{% macro resolves_all_records() -%}
    {%- set unresolved_records = identity_relation('unresolved_records') -%}
    {%- set customer_records = api.Relation.create(
        database=target.database, schema=generate_schema_name('conformed'), identifier='customer_records'
    ) -%}
    {%- set counts = run_query(
        "select (select count(*) from " ~ unresolved_records ~ ") as unresolved_count, "
        ~ "(select count(*) from " ~ customer_records ~ ") as record_count"
    ).rows[0] -%}
    {#- Mostly they are few, and nothing has to be compared. -#}
    {%- if not counts['unresolved_count'] or counts['unresolved_count'] < counts['record_count'] -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set left_out = run_query(
        "select count(*) from " ~ customer_records ~ " as records where records.record_number not in ("
        ~ "select unresolved.record_number from " ~ unresolved_records ~ " as unresolved)"
    ).columns[0].values()[0] -%}
    {{ return(left_out == 0) }}
{%- endmacro %}
