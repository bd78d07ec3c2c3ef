{#- The newest row per key of a raw table whose files bring new and changed rows: a filter for
    `qualify`, by the day on which a row landed, then by its place in the file. -#}
{% macro newest_rows(key) -%}
    row_number() over (
        partition by {{ key | join(', ') }}
        order by _landed_on desc, _source_row desc
    ) = 1
{%- endmacro %}
