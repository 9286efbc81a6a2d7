"""The JSON doors under `/api/v1`. Their schemas are their own, never the tables."""
