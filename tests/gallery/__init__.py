"""Every page drawn from samples, in several moods, to be looked at and measured without a server or a database."""
