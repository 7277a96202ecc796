"""`python -m kvgate` is the console script."""

import sys

from kvgate.cli import main

if __name__ == "__main__":
    sys.exit(main())
