"""The read-only copy that a good run publishes at its end."""
