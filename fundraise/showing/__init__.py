"""What is known, put into words: shared by pages and letters, so that both say the same."""
