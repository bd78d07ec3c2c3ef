{#- How many letters would have to be put in, left out or replaced to make one text of the other, where the
    engine can, also exchanged with their neighbour: what typing errors do. -#}
{% macro edit_distance(text, other) -%}
    {{ return(adapter.dispatch('edit_distance', 'customer_segmentation')(text, other)) }}
{%- endmacro %}

{% macro duckdb__edit_distance(text, other) -%}
    damerau_levenshtein({{ text }}, {{ other }})
{%- endmacro %}

{% macro default__edit_distance(text, other) -%}
    levenshtein({{ text }}, {{ other }})
{%- endmacro %}
