"""Fine-tune a pretrained model on a benchmark: the same as `kortf finetune` (see `--help`).

Flags, errors and exit status are those of kortf/cli/finetune.py; the work is done in
kortf/train/finetune.py.
"""

import sys

from kortf.cli.main import run_verb

if __name__ == "__main__":
    sys.exit(run_verb("finetune", sys.argv[1:]))
