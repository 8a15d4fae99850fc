"""`python -m gator.cli`: the command, for children that must run in this very interpreter."""

from gator.cli import main

main()
