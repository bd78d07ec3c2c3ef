{#- Whether this run resolves every record for its own sake, as after a change of the rules. Asked by models
    that depend on identity.unresolved_records, and so on what is counted here, but do not refer to it. -#}
{% macro all_records_have_changed() -%}
    {%- set customer_records = api.Relation.create(
        database=target.database, schema=generate_schema_name('conformed'), identifier='customer_records'
    ) -%}
    {%- set counts = run_query(
        "select (select count(fingerprint) from " ~ identity_relation('changed_records') ~ ") as changed_count, "
        ~ "(select count(*) from " ~ customer_records ~ ") as record_count"
    ).rows[0] -%}
    {{ return(counts['changed_count'] == counts['record_count']) }}
{%- endmacro %}
