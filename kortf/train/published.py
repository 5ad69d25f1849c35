"""Which files are those of a data set on the Hugging Face hub, by their content."""

from collections.abc import Iterable

# SHA-256 of files as their authors published them, and the hub's name of the data set.
_HUB = {
    "e03b7d14e9e41be8d464a28057cd25d7396c53e67aa7fd5f7e552c59b0ee2940": "e9t/nsmc",
    "8ac9f64052f11dbf6ae0acb5e038f03d90a76f0eda7820cfb3a92d02edfcebda": "e9t/nsmc",
    "25ffeb51e6c51ec02c071b60a10188e10005c144110f0d876b26079d80a35bdf": "KorQuAD/squad_kor_v1",
    "0f4d5e818f7b82d299c3a87856fc40a706f5943207580ddb252397e387050a54": "klue/klue",
    "821fb1c1c2e538ac2724a6132da36ffa379eb9a542ceb89243b3cf711377382c": "kakaobrain/kor_nli",
    "0db53cf8e182283a0d0404ec3fe1b15d1e29236d23d22082dc20d43067254b3e": "kakaobrain/kor_nli",
}


def hub_datasets(hashes: Iterable[str]) -> list[str]:
    """The data sets that files belong to, each once; other files say nothing.

    Args:
        hashes: SHA-256 of the files, hex.
    """
    return list(dict.fromkeys(_HUB[each] for each in hashes if each in _HUB))
