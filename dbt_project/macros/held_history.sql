{#- identity.identity_history as it was before this run. What is appended to it is decided by models that
    cannot refer to it, or the graph would have a cycle. -#}
{% macro held_history() -%}
    {{ return(identity_relation('identity_history')) }}
{%- endmacro %}
