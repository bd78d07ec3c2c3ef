{#- How many order days a customer who has not stopped ordering has ahead by BG/NBD, or, with a discount rate,
    what these are worth in order days of now: a mean over a beta distribution that SQL has no function for.
    `dagster_project/valuation/closed_forms.py` computes it; the model around it has its parameters as columns
    r, alpha, a and b. Null where one is.

    Args:
        repeats: expression for the days with an order after the first one.
        age: expression for the weeks from the first order to the day.
        weeks_ahead: expression for the weeks to count.
        yearly_discount_rate: by how much less an order counts that is a year away. -#}
{% macro expected_orders(repeats, age, weeks_ahead, yearly_discount_rate=0) -%}
    {{ return(adapter.dispatch('expected_orders', 'customer_segmentation')(
        repeats, age, weeks_ahead, yearly_discount_rate
    )) }}
{%- endmacro %}

{% macro duckdb__expected_orders(repeats, age, weeks_ahead, yearly_discount_rate) -%}
    expected_orders([
        {{ repeats }}, {{ age }}, {{ weeks_ahead }}, {{ yearly_discount_rate }}, r, alpha, a, b
    ])
{%- endmacro %}
