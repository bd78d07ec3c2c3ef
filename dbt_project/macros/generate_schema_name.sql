{#- A folder's schema is used as it is, without the target's schema before it, so that a stage has
    one name everywhere. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
