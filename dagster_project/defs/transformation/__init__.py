"""The stages that dbt makes: staging, conformed, identity, profiles, features, segments."""
