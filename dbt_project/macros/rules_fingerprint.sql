{#- A text that changes with the rules by which records are resolved: the seeds and the models of the stage
    `identity`, the variables that they read, how phone numbers are read, and the macros of the project; not
    with models and seeds that only judge the result, which say `links_records: false` in their properties. -#}
{% macro rules_fingerprint() -%}
    {%- set rules = [
        phone_rules_version(), var('max_records_per_profile'), var('fuzzy_link_weight'), var('agreement_weight'),
        var('least_first_name_similarity'), var('least_full_name_similarity')
    ] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() | sort(attribute='unique_id')
            if node.schema == this.schema and node.resource_type in ('seed', 'model')
            and node.config.meta.get('links_records', true) -%}
            {%- do rules.append(node.checksum.checksum) -%}
        {%- endfor -%}
        {%- for name, macro in context['customer_segmentation'].items() | sort(attribute='0') -%}
            {%- do rules.append(macro.macro.macro_sql) -%}
        {%- endfor -%}
    {%- endif -%}
    '{{ local_md5(rules | join(' ')) if execute }}'
{%- endmacro %}
