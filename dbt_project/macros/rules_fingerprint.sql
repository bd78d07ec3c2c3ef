{#- A text that changes with the rules by which records are linked: the seeds and the models of the
    stage `identity`, and the variables that they read; not those that only judge the result, which say
    `links_records: false` in their properties. -#}
{% macro rules_fingerprint() -%}
    {%- set checksums = [
        var('default_calling_code'), var('max_records_per_profile'), var('fuzzy_link_weight')
    ] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() | sort(attribute='unique_id')
            if node.schema == this.schema and node.resource_type in ('seed', 'model')
            and node.config.meta.get('links_records', true) -%}
            {%- do checksums.append(node.checksum.checksum) -%}
        {%- endfor -%}
    {%- endif -%}
    '{{ local_md5(checksums | join(' ')) if execute }}'
{%- endmacro %}
