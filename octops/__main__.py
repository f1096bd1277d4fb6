"""`python -m octops` is the `octops` command."""

from octops.cli import main

if __name__ == "__main__":
    main()
