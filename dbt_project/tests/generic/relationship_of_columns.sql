{#- Fails for every row whose combination of columns another model does not have: a foreign key over
    several columns. -#}
{% test relationship_of_columns(model, columns, to) %}

    select
        {{ columns | join(', ') }}
    from {{ model }}
    except
    select
        {{ columns | join(', ') }}
    from {{ to }}

{% endtest %}
