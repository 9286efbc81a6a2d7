"""Bank statements: what the bank says arrived and left, kept line by line, twins and all."""
