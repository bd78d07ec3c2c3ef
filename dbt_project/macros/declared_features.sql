{#- The columns that theme models declare in their properties, but for profile_id and as_of, in their order: a
    list of dictionaries with theme, name and data_type. A name that two themes give is refused, as is a theme
    without a contract, whose columns would be a promise that nobody keeps, and a theme that is left out: a model
    of this folder whose name ends with _features.

    Args:
        themes: the theme models, by name. -#}
{% macro declared_features(themes) -%}
    {%- set declared = [] -%}
    {%- set theme_of = {} -%}
    {#- Neither the linter nor a unit test knows the graph, and while dbt parses it is not complete. -#}
    {%- set nodes = graph.nodes if execute and graph and graph.nodes else {} -%}
    {%- for theme in themes if nodes -%}
        {%- set node = nodes['model.' ~ project_name ~ '.' ~ theme] -%}
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
    {%- for node in nodes.values() -%}
        {%- if node.resource_type == 'model' and node.schema == 'features' and node.name.endswith('_features')
            and node.name != model.name and node.name not in themes -%}
            {{ exceptions.raise_compiler_error(
                node.original_file_path ~ " is a theme that " ~ model.name ~ " does not name: add '" ~ node.name
                ~ "' to the themes in " ~ model.original_file_path ~ "."
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(declared) }}
{%- endmacro %}
