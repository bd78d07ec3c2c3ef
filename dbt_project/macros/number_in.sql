{#- A text as a number; null where it is none. -#}
{% macro number_in(text) -%}
    case when {{ matches_whole(text, "'-?[0-9]+([.][0-9]+)?'") }} then cast({{ text }} as double) end
{%- endmacro %}
