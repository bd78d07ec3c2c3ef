"""The stage `features`: what its models say, computed in another way."""
