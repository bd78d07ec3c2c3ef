{#- A part as a share of a whole, as a double; null where there is no whole.

    Args:
        part: expression.
        whole: expression; zero and null are no whole. -#}
{% macro share_of(part, whole) -%}
    cast({{ part }} as double) / nullif(cast({{ whole }} as double), 0)
{%- endmacro %}
