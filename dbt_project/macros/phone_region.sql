{#- The country by whose rules a phone number is read: the one that stands beside it, if it is written in two
    letters, else the deployment's. -#}
{% macro phone_region(country) -%}
    case
        when {{ matches_whole(country, "'[A-Z]{2}'") }} then {{ country }}
        else '{{ var('default_region') }}'
    end
{%- endmacro %}
