{#- A text that is another one once the SQL of a model is, to tell what was made by an older definition.

    Args:
        names: names of models of this project. -#}
{% macro definition_of(names) -%}
    {%- set checksums = [] -%}
    {#- Neither the linter nor a unit test knows the graph. -#}
    {%- if graph and graph.nodes -%}
        {%- for name in names -%}
            {%- do checksums.append(graph.nodes['model.' ~ project_name ~ '.' ~ name].checksum.checksum) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ checksums | join('-') }}
{%- endmacro %}
