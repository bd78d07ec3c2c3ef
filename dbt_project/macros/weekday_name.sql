{#- A date's weekday, in English and lower case. -#}
{% macro weekday_name(day) -%}
    case {{ iso_weekday(day) }}
        when 1 then 'monday'
        when 2 then 'tuesday'
        when 3 then 'wednesday'
        when 4 then 'thursday'
        when 5 then 'friday'
        when 6 then 'saturday'
        when 7 then 'sunday'
    end
{%- endmacro %}
