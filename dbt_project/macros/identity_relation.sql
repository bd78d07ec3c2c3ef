{#- A table of the stage identity for those who cannot refer to it, or the graph would have a cycle.

    Args:
        identifier: its name. -#}
{% macro identity_relation(identifier) -%}
    {{ return(api.Relation.create(
        database=target.database,
        schema=generate_schema_name('identity'),
        identifier=identifier,
        type='table'
    )) }}
{%- endmacro %}
