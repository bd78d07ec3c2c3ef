"""The stage `profiles`: what a deployment can say of profiles without touching a model."""
