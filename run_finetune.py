"""Fine-tunes a pretrained model on a benchmark: the same as `kortf finetune` (see `--help`).

It is this short so that it cannot differ from the command: flags, errors and the exit status are
those of kortf/cli/finetune.py, and the work is in kortf/train/finetune.py.
"""

import sys

from kortf.cli.main import run_verb

if __name__ == "__main__":
    sys.exit(run_verb("finetune", sys.argv[1:]))
