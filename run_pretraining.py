"""Pretrain a language model: the same as `kortf pretrain` (see `--help`).

Flags, errors and exit status are those of kortf/cli/pretrain.py; the work is done in
kortf/train/pretrain.py.
"""

import sys

from kortf.cli.main import run_verb

if __name__ == "__main__":
    sys.exit(run_verb("pretrain", sys.argv[1:]))
