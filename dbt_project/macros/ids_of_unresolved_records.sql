{#- A query of the records that this run resolves. -#}
{% macro ids_of_unresolved_records() -%}
    select unresolved.record_id from {{ ref('unresolved_records') }} as unresolved
{%- endmacro %}
