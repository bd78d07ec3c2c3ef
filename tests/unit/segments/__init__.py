"""Tests of what is declared of segments, and of previews."""
