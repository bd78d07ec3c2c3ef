{#- A text that changes with the rules by which records are linked: the seeds and the models of the
    stage `identity`, and the variables that they read, and how phone numbers
    are read. -#}
{% macro rules_fingerprint() -%}
    {%- set checksums = [
        phone_rules_version(), var('max_records_per_profile'), var('fuzzy_link_weight')
    ] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() | sort(attribute='unique_id')
            if node.schema == this.schema and node.resource_type in ('seed', 'model') -%}
            {%- do checksums.append(node.checksum.checksum) -%}
        {%- endfor -%}
    {%- endif -%}
    '{{ local_md5(checksums | join(' ')) if execute }}'
{%- endmacro %}
