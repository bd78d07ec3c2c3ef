"""The dbt stage `features`, as its properties and unit tests declare it."""
