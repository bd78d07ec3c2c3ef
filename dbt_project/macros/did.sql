{#- Whether a person did something: a condition for a segment's where clause.

        did('order', within_days=30)
        did('workout', at_least=5, of='days', within_days=7)
        did('purchase', at_least=100, of='sales_amount', within_days=90, department='GROCERY')

    Args:
        activity: the activity's type in conformed.daily_activity, or a list of types that count alike.
        at_least: how much of it at least; without it, once.
        at_most: how much of it at most, but not nothing: who did nothing did not do it.
        of: what is counted: times, days, products (different ones), quantity, sales_amount or duration_seconds.
        within_days: within how many days, which end with the day itself.
        profile: the column with the person, where a segment joins tables.
        department, category, brand, brand_type, product: only what concerns these products, each a value or a list. -#}
{% macro did(activity, at_least=none, at_most=none, of='times', within_days=none, profile='profile_id') -%}
    {%- set asked = behaviour('did', activity, within_days, kwargs) -%}
    ({{ profile }} in ({{ _who_did('did', asked, at_least, at_most, of) }}))
{%- endmacro %}

{#- Whether a person did not do something: a condition for a segment's where clause, true where the same call
    of `did` is not.

        did_not('order', within_days=30)
        did_not('workout', at_least=3, within_days=7)

    Args:
        activity, at_least, at_most, of, within_days, profile: as in `did`, and so are filters of products. -#}
{% macro did_not(activity, at_least=none, at_most=none, of='times', within_days=none, profile='profile_id') -%}
    {%- set asked = behaviour('did_not', activity, within_days, kwargs) -%}
    ({{ profile }} not in ({{ _who_did('did_not', asked, at_least, at_most, of) }}))
{%- endmacro %}

{#- The people who did as much of a behaviour as is asked for: a query. On one line, as all that conditions
    are made of: lines of what is compiled are those of the segment's file. -#}
{% macro _who_did(asked_by, behaviour, at_least, at_most, of) -%}
    {%- set measures = {
        'times': 'activity_count', 'days': 'active_day_count', 'products': 'product_count',
        'quantity': 'quantity', 'sales_amount': 'sales_amount', 'duration_seconds': 'duration_seconds',
    } -%}
    {%- if of not in measures -%}
        {{ refuse_call(asked_by, [behaviour['name']], "of='" ~ of ~ "' is nothing that is counted. Write one of "
            ~ measures.keys() | join(', ') ~ ".") }}
    {%- endif -%}
    {%- for bound, value in {'at_least': at_least, 'at_most': at_most}.items() if value is not none -%}
        {%- if value is not number or value is boolean or value <= 0 -%}
            {{ refuse_call(asked_by, [behaviour['name']], bound ~ "=" ~ value ~ " makes no sense. Write a number above "
                ~ "nothing; for those who did nothing of it, write did_not.") }}
        {%- elif value is float and of in ('times', 'days', 'products') -%}
            {{ refuse_call(asked_by, [behaviour['name']], of ~ " are whole numbers, and " ~ bound ~ "=" ~ value
                ~ " is none.") }}
        {%- endif -%}
    {%- endfor -%}
    {%- if of == 'days' and at_least is not none and at_least > behaviour['definition']['within_days'] -%}
        {{ refuse_call(asked_by, [behaviour['name']], "there are no " ~ at_least ~ " days in that.") }}
    {%- endif -%}
    {%- if at_least is not none and at_most is not none and at_most < at_least -%}
        {{ refuse_call(asked_by, [behaviour['name']], "nothing is at least " ~ at_least ~ " and at most " ~ at_most ~ ".") }}
    {%- endif -%}
    {%- set condition -%}
        where behaviour = '{{ dbt.escape_single_quotes(behaviour['name']) }}'
        {{- ' and ' ~ measures[of] ~ ' >= ' ~ at_least if at_least is not none }}
        {{- ' and ' ~ measures[of] ~ ' <= ' ~ at_most if at_most is not none }}
    {%- endset -%}
    {{ profiles_of_answers([behaviour], condition, of) }}
{%- endmacro %}

{#- The people whose answers to behaviours meet a condition: a query on one line.

    Where a batch cannot be answered, a query that fails with what is wrong: dbt keeps what a macro refuses
    while a batch is compiled to its debug log. -#}
{% macro profiles_of_answers(behaviours, condition, of='times') -%}
    {%- set profile_behaviours = ref('profile_behaviours') -%}
    {%- set fault = fault_of_asking(behaviours, profile_behaviours, of) -%}
    {%- if fault and model.get('batch') -%}
        select {{ raised_error(fault) }} as profile_id
    {%- elif fault -%}
        {{ exceptions.raise_compiler_error(fault) }}
    {%- elif model.resource_type == 'sql_operation' -%}
        {{ on_one_line(_answered_at_once(behaviours, condition)) }}
    {%- else -%}
        select profile_id from {{ profile_behaviours }} {{ condition }}
    {%- endif -%}
{%- endmacro %}

{#- The same in a preview, which builds nothing, and has no warehouse while it is compiled: a query that answers
    the behaviours by itself, and fails where they ask for products that there are not. -#}
{% macro _answered_at_once(behaviours, condition) -%}
    {%- set asked = {} -%}
    {%- for behaviour in behaviours -%}
        {%- do asked.update({behaviour['name']: behaviour['definition']}) -%}
    {%- endfor -%}
    select profile_id
    from (
        {{ answers_of(asked, ref('daily_activity'), ref('identity_map'), ref('products'), ref('profiles')) }}
    ) as answers
    {{ condition }}
    {%- if asked.values() | selectattr('products') | list %}
    union all
    select {{ raised_error(model.name ~ " asks about '", "behaviour || ''', but ' || fault || '.'") }}
    from ({{ unknown_products(asked, ref('products')) }}) as unknown_products
    {%- endif -%}
{%- endmacro %}
