{#- Whether there is a table already of what the model rolls up. -#}
{% macro is_rolled_up() -%}
    {{ return(execute and load_cached_relation(this) is not none) }}
{%- endmacro %}
