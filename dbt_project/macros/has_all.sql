{#- Whether a list holds all of some texts: a condition for a segment's where clause.

        has_all('motives', ['convenience', 'quality'])

    Args:
        list: column with a list of texts.
        texts: what to look for, a text or a list of texts. -#}
{% macro has_all(list, texts) -%}
    {%- do require_name_of_column('has_all', list) -%}
    {%- set conditions = [] -%}
    {%- for text in sorted_texts('has_all', 'what to look for', texts) -%}
        {%- do conditions.append(has_any(list, [text])) -%}
    {%- endfor -%}
    ({{ conditions | join(' and ') }})
{%- endmacro %}
