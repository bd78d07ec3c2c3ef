{#- The behaviours that all segments ask about, by their names, as the macro `behaviour` has them say it in their
    own meta. Empty while dbt parses, when it does not know all models yet. -#}
{% macro asked_behaviours() -%}
    {%- set asked = {} -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
            {%- for key, definition in node.config.meta.items() if key.startswith(behaviour_prefix()) -%}
                {%- do asked.update({key[behaviour_prefix() | length:]: definition}) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(dict(asked.items() | sort)) }}
{%- endmacro %}
