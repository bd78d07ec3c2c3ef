{#- A date's weekday, in English and lower case. Counted from a Monday, since engines number weekdays differently. -#}
{% macro weekday_name(day) -%}
    case mod({{ dbt.datediff("cast('1900-01-01' as date)", day, 'day') }}, 7)
        when 0 then 'monday'
        when 1 then 'tuesday'
        when 2 then 'wednesday'
        when 3 then 'thursday'
        when 4 then 'friday'
        when 5 then 'saturday'
        when 6 then 'sunday'
    end
{%- endmacro %}
