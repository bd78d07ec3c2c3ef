"""Real jobs on a small warehouse in a temporary folder."""
