{#- A record's id: its source and its id within that source. Null where the id is null. -#}
{% macro record_id(source, source_record_id) -%}
    '{{ source }}:' || {{ source_record_id }}
{%- endmacro %}
