{#- The periods whose facts are not as they were when the model added them up: a select of their columns.

    Args:
        periods: CTE with the periods as they are now.
        key: its columns with the period and its fingerprint; the model has them as well. -#}
{% macro periods_to_roll_up(periods, key) -%}
    select distinct {{ key | join(', ') }}
    from {{ periods }}
    {%- if is_incremental() %}
    except
    select distinct {{ key | join(', ') }}
    from {{ this }}
    {%- endif %}
{%- endmacro %}
