{#- A record's number, from its id. -#}
{% macro record_number(record_id) -%}
    {{ hash_number([record_id]) }}
{%- endmacro %}
