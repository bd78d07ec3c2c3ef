{#- A condition: a day is one of those that the materialization `roll_up` adds up at present. -#}
{% macro is_within_roll_up(day) -%}
    {{ day }} >= {{ variable('roll_up_begins') }}
    and {{ day }} < {{ variable('roll_up_ends') }}
{%- endmacro %}
