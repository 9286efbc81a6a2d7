"""`python -m fundraise` is the command line."""

from fundraise.cli import main

main()
