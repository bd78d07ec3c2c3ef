{#- A query on one line, as all that conditions are made of: lines of what is compiled are those of the segment's
    file. -#}
{% macro on_one_line(query) -%}
    {{ return(modules.re.sub('\\s*\n\\s*', ' ', query)) }}
{%- endmacro %}
