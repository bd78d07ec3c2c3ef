{#- Stops with an error that a person understands where identities score below a bar. Says nothing before
    there are scores, so that an empty warehouse compiles.

    Args:
        identity_scores: the relation. -#}
{% macro refuse_low_scores(identity_scores) -%}
    {%- if execute and load_relation(identity_scores) -%}
        {%- set sentences = [] -%}
        {%- set wordings = {
            'precision': "{0} pairs of records that were joined, {1} are one person by the {2}",
            'recall': "{0} pairs of records that are one person by the {2}, {1} were joined",
        } -%}
        {%- for low in run_query(low_scores(identity_scores)).rows -%}
            {%- do sentences.append(
                "of " ~ wordings[low['measure']].format(
                    low['pair_count'], "%.1f %%" | format(100 * low['score']), low['evidence']
                )
                ~ " (" ~ low['measure'] ~ "), and least_identity_" ~ low['measure'] ~ " asks for "
                ~ "%.1f %%" | format(100 * low['least_score'])
            ) -%}
        {%- endfor -%}
        {%- if sentences -%}
            {{ exceptions.raise_compiler_error(
                "Identities are not good enough for profiles to follow: " ~ sentences | join('; ')
                ~ ". Profiles stay as they were. Look at identity.identity_scores, and mend the rule, the "
                ~ "parameter or the source that has changed, or the labels if they are wrong; the bar itself "
                ~ "stands in dbt_project.yml."
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
