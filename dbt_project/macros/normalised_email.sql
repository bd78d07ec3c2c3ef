{#- An e-mail address as one mailbox writes it: lower case, without blanks, without a `+tag`, for
    Gmail without dots and under one domain. Null where the text is no address. -#}
{% macro normalised_email(column) -%}
    {{ return(adapter.dispatch('normalised_email', 'customer_segmentation')(column)) }}
{%- endmacro %}

{% macro duckdb__normalised_email(column) -%}
    {%- set address = "lower(regexp_replace(" ~ column ~ ", '\\s', '', 'g'))" -%}
    {%- set mailbox = "regexp_replace(split_part(" ~ address ~ ", '@', 1), '\\+.*$', '')" -%}
    {%- set domain = "split_part(" ~ address ~ ", '@', 2)" -%}
    case
        when {{ mailbox }} = '' then null
        when not regexp_full_match({{ address }}, '[a-z0-9._%+''-]+@([a-z0-9-]+\.)+[a-z]{2,}') then null
        when {{ domain }} in ('gmail.com', 'googlemail.com')
            then nullif(replace({{ mailbox }}, '.', ''), '') || '@gmail.com'
        else {{ mailbox }} || '@' || {{ domain }}
    end
{%- endmacro %}
