"""`python -m kortf VERB` is the same as `kortf VERB`."""

import sys

from kortf.cli.main import run

if __name__ == "__main__":
    sys.exit(run())
