"""Pretrains a language model: the same as `kortf pretrain` (see `--help`).

It is this short so that it cannot differ from the command: flags, errors and the exit status are
those of kortf/cli/pretrain.py, and the work is in kortf/train/pretrain.py.
"""

import sys

from kortf.cli.main import run_verb

if __name__ == "__main__":
    sys.exit(run_verb("pretrain", sys.argv[1:]))
