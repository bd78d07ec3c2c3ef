{#- A behaviour that a segment asks about: what people did, with which products, within how many days. Has the
    segment ask for it, so that profile_behaviours answers it, and stops where it makes no sense.

    Args:
        asked_by: the name of the macro that is called for it, for errors.
        activity: the activity's type, or a list of types that count alike.
        within_days: within how many days, which end with the day itself.
        products: filters of products by name (department, category, brand, brand_type, product), each a value or a list.

    Returns: the behaviour: its definition, and its name, which says all of it, so that two segments that mean the
    same ask once. -#}
{% macro behaviour(asked_by, activity, within_days, products={}) -%}
    {%- set activities = sorted_texts(asked_by, 'the activity', activity) -%}
    {%- if within_days is not integer or within_days < 1 -%}
        {{ refuse_call(asked_by, activities, "within_days=" ~ within_days ~ " is no number of days. Write a whole "
            ~ "number of 1 or more, such as within_days=30; what holds for ever is a column of profile_features, "
            ~ "such as first_order_on.") }}
    {%- endif -%}
    {%- set filters = {} -%}
    {%- for filter, value in products.items() -%}
        {%- if filter not in product_filters() -%}
            {{ refuse_call(asked_by, activities, "it takes no argument " ~ filter ~ ". Products are chosen by "
                ~ product_filters().keys() | join(', ') ~ ".") }}
        {%- endif -%}
        {%- do filters.update({filter: sorted_texts(asked_by, filter, value)}) -%}
    {%- endfor -%}
    {%- set parts = [activities | join(' or ')] -%}
    {%- for filter, values in filters.items() | sort -%}
        {%- do parts.append('of ' ~ filter ~ ' ' ~ values | join(' or ')) -%}
    {%- endfor -%}
    {%- do parts.append('within ' ~ within_days ~ ' days') -%}
    {%- set name = parts | join(' ') -%}
    {%- set definition = {'activities': activities, 'within_days': within_days, 'products': filters} -%}
    {%- do config(meta={behaviour_prefix() ~ name: definition}) -%}
    {{ return({'name': name, 'definition': definition}) }}
{%- endmacro %}

{#- What the keys of a segment's meta begin with that say which behaviours it asks about: dbt joins the meta of
    repeated calls of config by key. -#}
{% macro behaviour_prefix() -%}
    {{ return('behaviour: ') }}
{%- endmacro %}

{#- The columns of products by the arguments that choose products by them. -#}
{% macro product_filters() -%}
    {{ return({
        'department': 'department', 'category': 'category', 'brand': 'brand', 'brand_type': 'brand_type',
        'product': 'product_id'
    }) }}
{%- endmacro %}

{#- A text or a list of texts, as a list of different texts in their order. -#}
{% macro sorted_texts(asked_by, argument, value) -%}
    {%- set texts = [value] if value is string else value -%}
    {%- if texts is mapping or texts is not iterable or not texts or texts | reject('string') | list
        or '' in texts -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ " calls " ~ asked_by ~ ", but " ~ argument ~ " is no text: " ~ value
            ~ ". Write a name in quotes, or a list of names."
        ) }}
    {%- endif -%}
    {{ return(texts | unique(case_sensitive=true) | sort(case_sensitive=true) | list) }}
{%- endmacro %}

{#- Stops with an error that names the segment and the call. -#}
{% macro refuse_call(asked_by, activities, fault) -%}
    {{ exceptions.raise_compiler_error(
        model.name ~ " calls " ~ asked_by ~ "('" ~ activities | join("', '") ~ "' …), but " ~ fault
    ) }}
{%- endmacro %}

{#- What is wrong with asking about some behaviours here and now, as a sentence; empty where nothing is: an
    activity that there cannot be, a measure that it does not have, products that there are not, or a day that was
    built before the behaviours were asked about, on which nobody would have done them. Finds nothing while dbt
    parses and knows no declarations yet; days and products are looked at where there is a day, in a batch. -#}
{% macro fault_of_asking(behaviours, profile_behaviours, of='times') -%}
    {%- set faults = [] -%}
    {%- if execute and model.resource_type != 'unit_test' -%}
        {%- set declared = _declared_activities() -%}
        {%- for behaviour in behaviours -%}
            {%- set unknown = behaviour['definition']['activities'] | reject('in', declared) | list -%}
            {%- set unmeasured = _fault_of_measuring(behaviour['definition'], of) if declared -%}
            {%- if declared and unknown -%}
                {%- do faults.append(
                    model.name ~ " asks who did '" ~ unknown | join("', '") ~ "', but no such activity "
                    ~ "is declared for conformed.daily_activity. There are " ~ declared | join(', ') ~ "."
                ) -%}
            {%- elif unmeasured -%}
                {%- do faults.append(
                    model.name ~ " asks about '" ~ behaviour['name'] ~ "', but " ~ unmeasured
                ) -%}
            {%- elif model.get('batch') -%}
                {%- set of_everybody = _row_of_everybody(behaviour['name'], profile_behaviours) -%}
                {%- if not of_everybody -%}
                    {%- do faults.append(
                        model.name ~ " asks who did '" ~ behaviour['name'] ~ "', but features.profile_behaviours was built for "
                        ~ model.batch.event_time_start.strftime('%Y-%m-%d') ~ " before any segment asked that, or never. "
                        ~ "Materialize features/profile_behaviours for this day, then segments/" ~ model.name ~ "."
                    ) -%}
                {%- elif of_everybody['unknown_products'] -%}
                    {%- do faults.append(
                        model.name ~ " asks about '" ~ behaviour['name'] ~ "', but " ~ of_everybody['unknown_products']
                        ~ ". Correct " ~ model.original_file_path ~ ", or take the segment out."
                    ) -%}
                {%- endif -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(faults | join(' ')) }}
{%- endmacro %}

{#- What is wrong with asking for products or amounts of activities that have none, or for sales twice; nobody
    would be named then, and everybody by did_not. -#}
{% macro _fault_of_measuring(definition, of) -%}
    {%- set faults = [] -%}
    {%- set types_with = graph.nodes['model.' ~ project_name ~ '.daily_activity'].config.meta['types_with'] -%}
    {%- for what in (['products'] if definition['products'] else []) + ([of] if of in types_with else []) -%}
        {%- set without = definition['activities'] | reject('in', types_with[what]) | list -%}
        {%- if without -%}
            {%- do faults.append(
                "nothing is known of " ~ what ~ " of '" ~ without | join("', '") ~ "'. It is of "
                ~ types_with[what] | join(', ') ~ "."
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if of == 'sales_amount' and 'order' in definition['activities'] and 'purchase' in definition['activities'] -%}
        {%- do faults.append("an order's sales are those of its purchases: name one of them.") -%}
    {%- endif -%}
    {{ return(faults | join(' ')) }}
{%- endmacro %}

{#- The types of activity that there can be, in their order: those that daily_activity declares in its meta,
    and the accepted values of the types of interactions. -#}
{% macro _declared_activities() -%}
    {%- set declared = [] -%}
    {%- for node in graph.nodes.values() -%}
        {%- if node.resource_type == 'model' and node.name == 'daily_activity' -%}
            {%- do declared.extend(node.config.meta.get('activity_types', [])) -%}
        {%- elif node.resource_type == 'test' and node.column_name == 'interaction_type'
            and node.test_metadata.name == 'accepted_values' -%}
            {%- do declared.extend(node.test_metadata.kwargs['values']) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(declared | unique | sort) }}
{%- endmacro %}

{#- The row of everybody of a behaviour, by column: it is there if the behaviour was asked about when the day was
    built. Empty where it is not. -#}
{% macro _row_of_everybody(behaviour, profile_behaviours) -%}
    {%- if not load_relation(profile_behaviours) -%}
        {{ return({}) }}
    {%- endif -%}
    {%- set row_of_everybody -%}
        select * from {{ profile_behaviours }}
        where profile_id = '(everybody)' and behaviour = '{{ dbt.escape_single_quotes(behaviour) }}'
    {%- endset -%}
    {%- set rows = run_query(row_of_everybody).rows -%}
    {{ return(rows[0].dict() if rows else {}) }}
{%- endmacro %}
