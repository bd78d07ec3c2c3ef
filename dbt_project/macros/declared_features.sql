{#- The columns that theme models declare in their properties, but for profile_id and as_of, in their order: a
    list of dictionaries with theme, name and data_type. A name that two themes give is refused, as is a theme
    without a contract, whose columns would be a promise that nobody keeps.

    Args:
        themes: the theme models, by name. -#}
{% macro declared_features(themes) -%}
    {%- set declared = [] -%}
    {%- set theme_of = {} -%}
    {#- Neither the linter nor a unit test knows the graph, and while dbt parses it is not complete. -#}
    {%- for theme in themes if execute and graph and graph.nodes -%}
        {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ theme] -%}
        {%- if not node.config.contract.enforced -%}
            {{ exceptions.raise_compiler_error(
                node.original_file_path ~ ": a theme of features is under contract, and this one is not. "
                ~ "Take `contract` out of its config; the folder's is enforced."
            ) }}
        {%- endif -%}
        {%- for name, column in node.columns.items() if name not in ['profile_id', 'as_of'] -%}
            {%- if name in theme_of -%}
                {{ exceptions.raise_compiler_error(
                    "The column " ~ name ~ " is declared by two themes, " ~ theme_of[name] ~ " and " ~ theme
                    ~ ", and profile_features can have but one of that name. Rename it in "
                    ~ node.original_file_path ~ " and in its properties."
                ) }}
            {%- endif -%}
            {%- do theme_of.update({name: theme}) -%}
            {%- do declared.append({'theme': theme, 'name': name, 'data_type': column.data_type}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(declared) }}
{%- endmacro %}
