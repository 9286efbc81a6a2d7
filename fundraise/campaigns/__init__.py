"""Campaigns: an organiser's page in an appeal, its events, and whether it takes gifts now."""
