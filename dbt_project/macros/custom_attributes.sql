{#- What a deployment hands through to conformed.customer_records: columns of staging models that the seed
    profile_attribute_rules names. There is nothing before the seed and the models have been built, so that an empty
    warehouse compiles.

    Args:
        rules: the relation of the seed.
        staging_models: the relations of the staging models whose rows are records.

    Returns: `attributes`, the names of those that conformed.customer_records does not have by itself, and
        `stated`, for each staging model all that it has. -#}
{% macro custom_attributes(rules, staging_models) -%}
    {%- set custom = {'attributes': [], 'stated': {}} -%}
    {#- The rows of a unit test stand in no schema. -#}
    {%- if execute and rules.schema and load_relation(rules) -%}
        {%- set about_records = ['record_id', 'record_number', 'source', 'source_record_id', 'first_seen_at',
            'updated_at', 'fingerprint'] -%}
        {%- set query = 'select distinct attribute from ' ~ rules ~ ' where attribute is not null order by attribute' -%}
        {%- set named = run_query(query).columns[0].values() -%}
        {%- for model in staging_models if load_relation(model) -%}
            {%- set columns = adapter.get_columns_in_relation(model) | map(attribute='name') | list -%}
            {%- do custom.stated.update({model.identifier: []}) -%}
            {%- for attribute in named if attribute in columns and attribute not in about_records -%}
                {%- do custom.stated[model.identifier].append(attribute) -%}
                {%- if attribute not in custom.attributes and attribute not in attributes_of_records() -%}
                    {%- do custom.attributes.append(attribute) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(custom) }}
{%- endmacro %}
