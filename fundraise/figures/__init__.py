"""Figures: read-only questions that join several things. What the public sees comes from `public.py` alone."""
