"""The stage `metrics`: how segments develop over time."""
