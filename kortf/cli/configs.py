"""List the packaged configs, print one, or print the values of one at a size.

Examples:
    kortf configs                        # names, sizes, one line each
    kortf configs bert                   # the file
    kortf configs bert:mini --resolved   # every value

`--config=bert:mini` of `kortf pretrain` takes these names, and so does a path to a file of yours.
"""

import pathlib

from absl import flags

from kortf.cli.flags.config_files import find_config, load_config, packaged, sizes_of
from kortf.errors import InputError

TAKES_NAMES = True


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags of `kortf configs`."""
    del argv
    flags.DEFINE_bool(
        "resolved", False, "print the values of NAME:SIZE, as YAML", flag_values=flag_values
    )


def main(flag_values: flags.FlagValues, names: list[str]) -> int:
    """Run `kortf configs`."""
    if not names:
        if flag_values.resolved:
            raise InputError("--resolved", "no config is named", "kortf configs bert:mini")
        print("\n".join(_table()))
        return 0
    for name in names:
        found = find_config(name)
        if flag_values.resolved:
            print(_values(found), end="")
        else:
            print(pathlib.Path(found.partition(":")[0]).read_text(encoding="utf-8"), end="")
    return 0


def _values(value: str) -> str:
    import yaml  # here: the list of configs does not need it

    if ":" not in value:
        module, _ = load_config(value)
        config = module.get_config()
    else:
        _, config = load_config(value)
    return yaml.safe_dump(config.to_dict(), sort_keys=False, allow_unicode=True)


def _table() -> list[str]:
    rows = []
    for name, path in packaged().items():
        module, _ = load_config(str(path))
        summary = (module.__doc__ or "").strip().split("\n")[0]
        rows.append((*name.split("/"), ",".join(sizes_of(module)), summary))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines, kind = [], ""
    for row in rows:
        if row[0] != kind:
            kind = row[0]
            lines += (
                ["", f"kortf {kind} --config=NAME:SIZE"]
                if lines
                else [f"kortf {kind} --config=NAME:SIZE"]
            )
        lines.append(f"  {row[1]:<{widths[1]}}  {row[2]:<{widths[2]}}  {row[3]}".rstrip())
    return lines
