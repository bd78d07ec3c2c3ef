"""The stage `features`."""
