"""The books: double entry, only added to. Totals are asked of these tables and counted up nowhere else."""
