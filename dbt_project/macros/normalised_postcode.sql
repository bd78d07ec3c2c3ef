{#- A postcode as it is compared: upper case, letters and digits alone, of a ZIP+4 the ZIP. Null where
    nothing is left. -#}
{% macro normalised_postcode(column) -%}
    {{ return(adapter.dispatch('normalised_postcode', 'customer_segmentation')(column)) }}
{%- endmacro %}

{% macro duckdb__normalised_postcode(column) -%}
    {%- set code = "upper(regexp_replace(" ~ column ~ ", '[^A-Za-z0-9]+', '', 'g'))" -%}
    case
        when regexp_full_match({{ code }}, '[0-9]{9}') then left({{ code }}, 5)
        else nullif({{ code }}, '')
    end
{%- endmacro %}
