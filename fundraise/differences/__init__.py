"""Differences: what does not agree, each with a name, an age and an end."""
