{#- Stops with an error that lists the faults of what people wrote, where there are any.

    Args:
        query: a query with the column fault, a sentence each. -#}
{% macro refuse_faults(query) -%}
    {%- set faults = run_query(query) -%}
    {%- if faults.rows -%}
        {{ exceptions.raise_compiler_error(faults.columns['fault'].values() | join('\n')) }}
    {%- endif -%}
{%- endmacro %}
