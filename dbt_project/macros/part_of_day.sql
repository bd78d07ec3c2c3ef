{#- The part of the day at a time: morning (5 to 12), afternoon (12 to 17), evening (17 to 22) or night. -#}
{% macro part_of_day(moment) -%}
    case
        when extract(hour from {{ moment }}) between 5 and 11 then 'morning'
        when extract(hour from {{ moment }}) between 12 and 16 then 'afternoon'
        when extract(hour from {{ moment }}) between 17 and 21 then 'evening'
        else 'night'
    end
{%- endmacro %}
