{#- Whether a list holds any of some texts: a condition for a segment's where clause.

        has_any('motives', ['convenience', 'quality'])

    Args:
        list: column with a list of texts.
        texts: what to look for. -#}
{% macro has_any(list, texts) -%}
    {%- set quoted = [] -%}
    {%- for text in texts -%}
        {%- do quoted.append("'" ~ dbt.escape_single_quotes(text) ~ "'") -%}
    {%- endfor -%}
    {{ return(adapter.dispatch('has_any', 'customer_segmentation')(list, quoted | join(', '))) }}
{%- endmacro %}

{% macro duckdb__has_any(list, quoted) -%}
    list_has_any({{ list }}, [{{ quoted }}])
{%- endmacro %}

{% macro default__has_any(list, quoted) -%}
    arrays_overlap({{ list }}, array({{ quoted }}))
{%- endmacro %}
