{#- A select of the profile that each record belongs to by a history: the last that is said of it. -#}
{% macro assignments_of(history) -%}
    select
        record_id,
        record_number,
        profile_id
    from (
        select
            record_id,
            record_number,
            profile_id,
            row_number() over (partition by record_number order by revision desc) as recency
        from {{ history }}
    ) as ranked_history
    where recency = 1 and profile_id is not null
{%- endmacro %}
