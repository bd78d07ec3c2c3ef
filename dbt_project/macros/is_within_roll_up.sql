{#- A condition: a day, or a moment, is one of those that the materialization `roll_up` adds up at present. -#}
{% macro is_within_roll_up(time) -%}
    {{ time }} >= {{ variable('roll_up_begins') }}
    and {{ time }} < {{ variable('roll_up_ends') }}
{%- endmacro %}
