{#- The variable rfm_bins, which stops where it is no number of scores: of fewer than three none is in the middle,
    and nobody could be among the best or the worst fifth. -#}
{% macro rfm_bins() -%}
    {%- set bins = var('rfm_bins') -%}
    {#- The linter knows no variables. -#}
    {%- if execute and (bins is not integer or bins < 3) -%}
        {{ exceptions.raise_compiler_error(
            "The variable rfm_bins is " ~ bins | tojson ~ ". Write a whole number of 3 or more into dbt_project.yml, "
            ~ "such as rfm_bins: 5."
        ) }}
    {%- endif -%}
    {{ return(bins) }}
{%- endmacro %}
