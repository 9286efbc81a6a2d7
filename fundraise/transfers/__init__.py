"""Transfers: money that participants of an appeal send each other. It is never new money."""
