{#- A table or view of the stage identity for those who cannot refer to it, or the graph would have a cycle.

    Args:
        identifier: its name.
        type: `table` or `view`. -#}
{% macro identity_relation(identifier, type='table') -%}
    {{ return(api.Relation.create(
        database=target.database,
        schema=generate_schema_name('identity'),
        identifier=identifier,
        type=type
    )) }}
{%- endmacro %}
