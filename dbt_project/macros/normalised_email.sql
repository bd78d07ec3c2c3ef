{#- The mailbox behind an e-mail address, by which records are linked: lower case, without blanks,
    without a `+tag`, for Gmail without dots and under one domain. Null where the text is no address.
    Nothing is sent to it: that is contact_email's form. -#}
{% macro normalised_email(column) -%}
    {{ return(adapter.dispatch('normalised_email', 'customer_segmentation')(column)) }}
{%- endmacro %}

{% macro duckdb__normalised_email(column) -%}
    {%- set address = contact_email(column) -%}
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
