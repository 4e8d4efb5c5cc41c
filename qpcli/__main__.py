"""`python -m qpcli`."""

from qpcli.cli.app import main

main()
