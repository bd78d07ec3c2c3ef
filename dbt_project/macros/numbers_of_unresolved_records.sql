{#- A query of the numbers of the records that this run resolves. -#}
{% macro numbers_of_unresolved_records() -%}
    select unresolved.record_number from {{ ref('unresolved_records') }} as unresolved
    where {{ every_key('unresolved.record_number') }}
{%- endmacro %}
