{#- The quarter of the day in which a moment lies, UTC: night (0 to 6 o'clock), morning (to 12), afternoon (to 18),
    evening. -#}
{% macro hour_band(moment) -%}
    case
        when extract(hour from {{ moment }}) < 6 then 'night'
        when extract(hour from {{ moment }}) < 12 then 'morning'
        when extract(hour from {{ moment }}) < 18 then 'afternoon'
        else 'evening'
    end
{%- endmacro %}
