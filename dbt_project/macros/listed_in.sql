{#- Whether a person is on a list that is kept by hand: a condition for a segment's where clause. A list is what it
    is now, on every day.

    Args:
        list_name: the list's name in lists/segment_members.
        profile: the column with the person, where a segment joins tables. -#}
{% macro listed_in(list_name, profile='profile_id') -%}
    ({{ profile }} in ({{ _who_is_listed('listed_in', list_name) }}))
{%- endmacro %}

{#- Whether a person is not on a list that is kept by hand: a condition for a segment's where clause.

    Args:
        list_name, profile: as in `listed_in`. -#}
{% macro not_listed_in(list_name, profile='profile_id') -%}
    ({{ profile }} not in ({{ _who_is_listed('not_listed_in', list_name) }}))
{%- endmacro %}

{#- The people of a list: a query on one line. Where no such list has landed, a query that fails with what is
    wrong, since a misspelt name would be an empty list. -#}
{% macro _who_is_listed(asked_by, list_name) -%}
    {%- if list_name is not string or not list_name -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ " calls " ~ asked_by ~ "(" ~ list_name ~ "). Write the name of a list in quotes."
        ) }}
    {%- endif -%}
    {%- set listed_members = ref('listed_members') -%}
    {%- set is_it = "list_name = '" ~ dbt.escape_single_quotes(list_name) ~ "'" -%}
    {%- set landed_lists = dbt.listagg('list_name', "', '", 'order by list_name') -%}
    {%- set query -%}
        select profile_id from {{ listed_members }} where {{ is_it }} and profile_id is not null
        union all
        select {{ raised_error(
            model.name ~ " asks who is on the list '" ~ list_name ~ "', but no such list has landed. Let it land in "
            ~ "lists/segment_members. There are: ", "coalesce(" ~ landed_lists ~ ", 'none')"
        ) }}
        from (select distinct list_name from {{ listed_members }}) as landed_lists
        having count(case when {{ is_it }} then 1 end) = 0
    {%- endset -%}
    {{ on_one_line(query) }}
{%- endmacro %}
