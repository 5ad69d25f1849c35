"""Run the examples in the docstrings of every module that has one."""

import doctest
import importlib
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parents[2]
# Their examples are sketches, not doctests: their own tests assert them.
ASSERTED_ELSEWHERE = {
    "kortf.cli.flags.config",
    "kortf.download.checksum",
    "kortf.export.heads.fill_mask",
    "kortf.export.predictor",
    "kortf.export.serve.model_store",
    "kortf.layers.attention.attention",
    "kortf.layers.attention.rotary",
    "kortf.layers.chunked",
    "kortf.layers.contrastive",
    "kortf.layers.embeddings",
    "kortf.layers.heads.crf",
    "kortf.layers.lsh.chunks",
    "kortf.layers.lsh.continuing",
    "kortf.layers.lsh.hashing",
    "kortf.layers.lsh.neighbours",
    "kortf.layers.lsh.rounds",
    "kortf.layers.lsh.sorting",
    "kortf.layers.sampling",
    "kortf.objectives.causal_lm",
    "kortf.objectives.corruption",
    "kortf.objectives.replaced_token",
    "kortf.objectives.spans",
    "kortf.pretrained.directory.variables",
    "kortf.pretrained.formats.tf1",
    "kortf.report.tables.seeds",
    "kortf.tasks.readers.answers",
    "kortf.tasks.readers.blocks",
    "kortf.tasks.readers.table",
    "kortf.text.tokenizer.byte_level.byte_level_words",
    "kortf.text.tokenizer.decoding",
    "kortf.text.tokenizer.rows.segments",
    "kortf.text.tokenizer.punctuation",
    "kortf.text.tokenizer.unknown",
    "kortf.text.tokenizer.rows.windows",
    "kortf.train.optim.freeze",
    "kortf.train.optim.layer_decay",
    "kortf.text.unicode.slices",
    "kortf.train.loop.progress",
    "kortf.workdir",
}
WITH_EXAMPLES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted((ROOT / "kortf").rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


def test_the_exceptions_have_examples():
    assert set(WITH_EXAMPLES) >= ASSERTED_ELSEWHERE


@pytest.mark.parametrize("name", sorted(set(WITH_EXAMPLES) - ASSERTED_ELSEWHERE))
def test_examples(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0
