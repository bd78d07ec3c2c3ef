{#- The numbers of the records in identity.identity_map as it was before this run, also where an older release
    of the project did not write them. -#}
{% macro held_map() -%}
    {%- set numbered = held_table('identity_map', {'record_number': dbt.type_bigint()}) -%}
    {%- if numbered is not string -%}
        {{ return(numbered) }}
    {%- endif -%}
    (
        select {{ record_number('record_id') }} as record_number
        from {{ held_table('identity_map', {'record_id': dbt.type_string()}) }} as held
    )
{%- endmacro %}
