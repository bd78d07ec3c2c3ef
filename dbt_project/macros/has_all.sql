{#- Whether a list holds all of some texts: a condition for a segment's where clause.

        has_all('motives', ['convenience', 'quality'])

    Args:
        list: column with a list of texts.
        texts: what to look for. -#}
{% macro has_all(list, texts) -%}
    {%- set conditions = [] -%}
    {%- for text in texts -%}
        {%- do conditions.append(has_any(list, [text])) -%}
    {%- endfor -%}
    ({{ conditions | join(' and ') }})
{%- endmacro %}
