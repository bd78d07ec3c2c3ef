"""The stage `identity`: what must hold over time, whatever happens to records and rules."""
