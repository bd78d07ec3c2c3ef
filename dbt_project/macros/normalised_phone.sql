{#- A phone number as E.164: digits after a plus sign, with the deployment's calling code where the
    number has none. An extension is cut off. Null where too few or too many digits remain: ten under
    calling code 1, seven to fifteen elsewhere. -#}
{% macro normalised_phone(column) -%}
    {{ return(adapter.dispatch('normalised_phone', 'customer_segmentation')(column)) }}
{%- endmacro %}

{% macro duckdb__normalised_phone(column) -%}
    {%- set calling_code = var('default_calling_code') -%}
    {%- set number = "regexp_replace(trim(lower(" ~ column ~ ")), '\\s*(x|ext\\.?|extension)\\s*\\d+$', '')" -%}
    {%- set digits = "regexp_replace(" ~ number ~ ", '\\D', '', 'g')" -%}
    case
        when {{ number }} like '+%' and regexp_full_match({{ digits }}, '1[0-9]{10}|[2-9][0-9]{6,14}')
            then '+' || {{ digits }}
        when {{ number }} like '+%' then null
        when regexp_full_match({{ digits }}, '00(1[0-9]{10}|[2-9][0-9]{6,14})')
            then '+' || substr({{ digits }}, 3)
        {% if calling_code == '1' -%}
        when length({{ digits }}) = 10 then '+1' || {{ digits }}
        when length({{ digits }}) = 11 and {{ digits }} like '1%' then '+' || {{ digits }}
        {%- else -%}
        when length({{ digits }}) between 7 and 14
            then '+{{ calling_code }}' || ltrim({{ digits }}, '0')
        {%- endif %}
    end
{%- endmacro %}
