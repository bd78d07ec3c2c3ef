{#- Street and house number as they are compared: folded, with words in their usual abbreviation, so that
    `12 North Main Street` and `12 n. main st` are one. Null where nothing is left. -#}
{% macro normalised_street(column) -%}
    {{ return(adapter.dispatch('normalised_street', 'customer_segmentation')(column)) }}
{%- endmacro %}

{% macro duckdb__normalised_street(column) -%}
    {%- set abbreviations = {
        'apartment': 'apt', 'av': 'ave', 'avenue': 'ave', 'boulevard': 'blvd', 'building': 'bldg', 'circle': 'cir',
        'court': 'ct', 'drive': 'dr', 'east': 'e', 'floor': 'fl', 'highway': 'hwy', 'lane': 'ln', 'north': 'n',
        'parkway': 'pkwy', 'place': 'pl', 'road': 'rd', 'saint': 'st', 'south': 's', 'square': 'sq',
        'strasse': 'str', 'straße': 'str', 'street': 'st', 'suite': 'ste', 'terrace': 'ter', 'west': 'w',
    } -%}
    array_to_string([
        {# Not a map, which takes twenty times as long. -#}
        case word
            {% for word, abbreviation in abbreviations.items() -%}
            when '{{ word }}' then '{{ abbreviation }}'
            {% endfor -%}
            else word
        end
        for word in string_split({{ folded_text(column) }}, ' ')
    ], ' ')
{%- endmacro %}
