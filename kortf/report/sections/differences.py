"""Settings that differ between the runs of a report."""

import json
from collections.abc import Mapping, Sequence

from kortf import workdir
from kortf.report.run import Run
from kortf.report.tables.seeds import group_name, group_seeds
from kortf.report.tables.table import Table

ABSENT = "–"


def differences(runs: Sequence[Run]) -> Table:
    """Tabulate the config keys and inputs that differ: a row a key, a column a configuration.

    Seeds are not a difference, nor are settings that do not change what is trained.
    """
    groups = group_seeds(runs)
    columns = [_settings(group[0]) for group in groups]
    keys = dict.fromkeys(key for column in columns for key in column)
    rows = []
    for key in keys:
        found = [column.get(key, ABSENT) for column in columns]
        if len(set(found)) > 1:
            rows.append([key, *found])
    return Table(["setting", *(group_name(group) for group in groups)], rows)


def _settings(run: Run) -> dict[str, str]:
    config = {
        key: value for key, value in run.config.items() if key not in ("seed", *workdir.FREE_KEYS)
    }
    found = _flat(config) | {f"input {name}": str(v) for name, v in run.inputs.items() if v}
    # Hashes are compared, and shown short.
    return {key: text[:12] + "…" if _is_hash(text) else text for key, text in found.items()}


def _flat(value: Mapping, prefix: str = "") -> dict[str, str]:
    found = {}
    for key, each in value.items():
        if isinstance(each, Mapping):
            found |= _flat(each, f"{prefix}{key}.")
        else:
            text = each if isinstance(each, str) else json.dumps(each, ensure_ascii=False)
            found[prefix + key] = text
    return found


def _is_hash(text: str) -> bool:
    return len(text) == 64 and all(c in "0123456789abcdef" for c in text)
