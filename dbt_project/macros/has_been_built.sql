{#- Whether the model that dbt compiles is a table already: one that may take over what it holds,
    unless `--full-refresh` forbids it. -#}
{% macro has_been_built() -%}
    {{ return(execute and not should_full_refresh() and load_cached_relation(this) is not none) }}
{%- endmacro %}
