"""The tests, which mirror the two trees."""
