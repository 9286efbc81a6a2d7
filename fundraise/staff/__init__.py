"""Staff: how the staff pages are entered until accounts and roles arrive, and what was done there."""
