{#- Whether a list holds any of some texts: a condition for a segment's where clause.

        has_any('motives', ['convenience', 'quality'])

    Args:
        list: column with a list of texts.
        texts: what to look for, a text or a list of texts. -#}
{% macro has_any(list, texts) -%}
    {%- do require_name_of_column('has_any', list) -%}
    {%- set quoted = [] -%}
    {%- for text in sorted_texts('has_any', 'what to look for', texts) -%}
        {%- do quoted.append("'" ~ dbt.escape_single_quotes(text) ~ "'") -%}
    {%- endfor -%}
    {{ return(adapter.dispatch('has_any', 'customer_segmentation')(list, quoted | join(', '))) }}
{%- endmacro %}

{#- Stops where what is to be looked into is no name of a column. -#}
{% macro require_name_of_column(asked_by, list) -%}
    {%- if list is not string or not list -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ " calls " ~ asked_by ~ ", but its first argument is no name of a column. Write it in quotes, "
            ~ "such as " ~ asked_by ~ "('motives', ['quality'])."
        ) }}
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__has_any(list, quoted) -%}
    list_has_any({{ list }}, [{{ quoted }}])
{%- endmacro %}

{% macro default__has_any(list, quoted) -%}
    arrays_overlap({{ list }}, array({{ quoted }}))
{%- endmacro %}
