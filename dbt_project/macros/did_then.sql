{#- Whether a person did one thing and later another: a condition for a segment's where clause. Of what only the
    day is known, such as redemptions, it is assumed to have happened in this order on its day.

        did_then('email_clicked', 'order', within_days=14)

    Args:
        first: the type of the first activity, or a list of types that count alike.
        then: the type of the later one, or a list.
        within_days: within how many days both happened; they end with the day itself.
        profile: the column with the person, where a segment joins tables.
        department, category, brand, brand_type, product: only products that both concern, each a value or a list. -#}
{% macro did_then(first, then, within_days=none, profile='profile_id') -%}
    {%- set first_behaviour = behaviour('did_then', first, within_days, kwargs) -%}
    {%- set later_behaviour = _later_behaviour('did_then', then, within_days, kwargs, first_behaviour) -%}
    {%- set condition -%}
        having {{ _latest_of(later_behaviour) }} > {{ _of_behaviour('min', 'first_at', first_behaviour) }}
    {%- endset -%}
    ({{ profile }} in ({{ _who_did_both(first_behaviour, later_behaviour, condition) }}))
{%- endmacro %}

{#- Whether a person did one thing and has not done another since: a condition for a segment's where clause.
    What happens at the very time of the last of the first counts as done since; so does what may have, where
    only the day of either is known, such as a redemption's.

        did_then_not('add_to_cart', ['checkout', 'order'], within_days=7)

    Args:
        first, then, within_days, profile: as in `did_then`, and so are filters of products. -#}
{% macro did_then_not(first, then, within_days=none, profile='profile_id') -%}
    {%- set first_behaviour = behaviour('did_then_not', first, within_days, kwargs) -%}
    {%- set later_behaviour = _later_behaviour('did_then_not', then, within_days, kwargs, first_behaviour) -%}
    {%- set last_of_first = _of_behaviour('max', 'last_at', first_behaviour) -%}
    {%- set last_of_later = _latest_of(later_behaviour) -%}
    {%- set condition -%}
        having {{ last_of_first }} is not null and ({{ last_of_later }} is null or {{ last_of_later }} < {{ last_of_first }})
    {%- endset -%}
    ({{ profile }} in ({{ _who_did_both(first_behaviour, later_behaviour, condition) }}))
{%- endmacro %}

{#- The people of whom a condition holds over their answers to two behaviours: a query. -#}
{% macro _who_did_both(first_behaviour, later_behaviour, condition) -%}
    {%- set answered -%}
        where behaviour in ('{{ dbt.escape_single_quotes(first_behaviour['name']) }}', '{{ dbt.escape_single_quotes(later_behaviour['name']) }}') group by profile_id {{ condition }}
    {%- endset -%}
    {{ profiles_of_answers([first_behaviour, later_behaviour], answered) }}
{%- endmacro %}

{#- The later behaviour of a sequence. Stops where it shares an activity with the first: what would be asked is how
    often, or nothing at all. -#}
{% macro _later_behaviour(asked_by, then, within_days, products, first_behaviour) -%}
    {%- set later_behaviour = behaviour(asked_by, then, within_days, products) -%}
    {%- set first_activities = first_behaviour['definition']['activities'] -%}
    {%- set shared = later_behaviour['definition']['activities'] | select('in', first_activities) | list -%}
    {%- if shared -%}
        {{ refuse_call(asked_by, first_activities, "'" ~ shared | join("', '") ~ "' is both what was done first and what "
            ~ "came then. Name different activities; for how often, write did with at_least.") }}
    {%- endif -%}
    {{ return(later_behaviour) }}
{%- endmacro %}

{#- The latest time at which the last of a behaviour can have been. (Days that were built before there was
    last_at_latest have none.) -#}
{% macro _latest_of(behaviour) -%}
    {{ _of_behaviour('max', 'coalesce(last_at_latest, last_at)', behaviour) }}
{%- endmacro %}

{#- An aggregate of a person's answer to one behaviour. -#}
{% macro _of_behaviour(aggregate, column, behaviour) -%}
    {{ aggregate }}(case behaviour when '{{ dbt.escape_single_quotes(behaviour['name']) }}' then {{ column }} end)
{%- endmacro %}
