{#- The periods that the materialization `roll_up` adds up at present: a select of their columns.

    Args:
        periods: CTE with the periods as they are now.
        key: its columns with the period and its fingerprint; the model has them as well. -#}
{% macro periods_to_roll_up(periods, key) -%}
    select distinct {{ key | join(', ') }}
    from {{ periods }}
    where {{ is_within_roll_up('activity_on') }}
    {%- if is_rolled_up() %}
    except
    select distinct {{ key | join(', ') }}
    from {{ this }}
    {%- endif %}
{%- endmacro %}
