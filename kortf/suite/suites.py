"""Names of suites, and the list of benchmarks that `--suite` asks for."""

import re
from collections.abc import Iterable

from kortf.errors import InputError, did_you_mean

SUITES = {
    "klue": (
        "klue_ynat", "klue_sts", "klue_nli", "klue_ner", "klue_re", "klue_dp", "klue_mrc",
        "klue_wos",
    ),
    "kobest": (
        "kobest_boolq", "kobest_copa", "kobest_wic", "kobest_hellaswag", "kobest_sentineg",
    ),
    # The eight tasks of KoELECTRA's README.
    "koelectra": (
        "nsmc", "naver_ner", "paws", "kornli", "korsts", "question_pair", "korquad", "hate_speech",
    ),
}  # fmt: skip


def parse_suite(text: str, known: Iterable[str]) -> list[str]:
    """Return the configs that a suite names, in its order.

    Example:
        >>> parse_suite("nsmc+korsts:base", ["nsmc", "korsts"])
        ['nsmc', 'korsts:base']

    Args:
        text: Suites and configs with `+` or commas between. A size of a suite (`kobest:base`) is
            the size of each of its benchmarks.
        known: Names of the packaged configs.

    Raises:
        InputError: If there is no such suite and no such config, or a benchmark is named twice.
    """
    known = list(known)
    found = []
    for part in re.split(r"[+,]", text):
        name, colon, size = part.strip().partition(":")
        if name in SUITES:
            found += [f"{member}{colon}{size}" for member in SUITES[name]]
        elif name in known or name.endswith(".py"):
            found.append(f"{name}{colon}{size}")
        else:
            cure = did_you_mean(name, [*SUITES, *known])
            raise InputError(f"--suite={text}", f"there is no suite or benchmark '{name}'", cure)
    names = [part.partition(":")[0] for part in found]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"--suite={text}", f"{name} is named twice", "name it once")
    return found
