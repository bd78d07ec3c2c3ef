{#- The newest row per key of a raw table whose files bring new and changed rows: a filter for
    `qualify`, by the day on which a row landed. Ingestion lets a key in once a day, the last row of
    it; the place in the file decides between keys that only blanks told apart.

    Args:
        key: the key's expressions, texts without the blanks around them. -#}
{% macro newest_rows(key) -%}
    row_number() over (
        partition by {{ key | join(', ') }}
        order by _landed_on desc, _source_row desc
    ) = 1
{%- endmacro %}
