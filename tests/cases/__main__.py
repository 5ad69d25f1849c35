"""`make cases`: run every case of a folder and print one line for each.

python -m tests.cases DIR [NAME …]

DIR holds GROUP/NUMBER-name/ with a README (input, command, expected) and the inputs. The exit
status is 1 if a case fails or has no check, and 0 where DIR does not exist.
"""

import os
import pathlib
import sys
import tempfile
import time
import traceback

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Kernels run for a moment here: optimising them would take longer.
os.environ.setdefault(
    "XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
)

from tests.cases.bench import CHECKS, Bench, Failed  # noqa: E402


def main(directory: str, *names: str) -> int:
    """Run the cases whose name contains one of `names`, or all; return the exit status."""
    root = pathlib.Path(directory)
    if not root.is_dir():
        print(f"{directory}: no folder of cases; nothing was run (make cases CASES=DIR)")
        return 0
    from tests.cases import (  # noqa: F401
        interop,
        interop_vocabularies,
        text,
        text_files,
        train,
        train_data,
    )

    found = sorted(str(path.parent.relative_to(root)) for path in root.glob("*/*/README*"))
    counts = {"pass": 0, "fail": 0}
    import tensorflow as tf

    from kortf.layers import kernels

    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    with tempfile.TemporaryDirectory() as work, kernels.uncompiled():
        for name in found:
            if names and not any(part in name for part in names):
                continue
            begin = time.monotonic()
            verdict, seen = _run(name, root / name, pathlib.Path(work, name.replace("/", "-")))
            counts[verdict] += 1
            print(f"{verdict}  {name}  {seen}  ({time.monotonic() - begin:.0f} s)", flush=True)
    print(f"{counts['pass']} pass, {counts['fail']} fail")
    return int(counts["fail"] > 0 or not sum(counts.values()))


def _run(name: str, case: pathlib.Path, work: pathlib.Path) -> tuple[str, str]:
    group, _, rest = name.partition("/")
    check = CHECKS.get(f"{group}/{rest[:2]}")
    if check is None:
        return "fail", "no check is written for this case"
    work.mkdir()
    try:
        return "pass", " ".join(str(check(Bench(case, work))).split())[:240]
    except Failed as error:
        return "fail", " ".join(str(error).split())[:600]
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        seen = f"{type(error).__name__}: {error} ({place.filename}:{place.lineno})"
        return "fail", " ".join(seen.split())[-600:]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
