"""Structure of the package: import arrows, lengths of modules, imports of frameworks."""

import ast
import functools
import importlib.util
import pathlib
import re
import subprocess
import sys

import ml_collections
import pytest

ROOT = pathlib.Path(__file__).parents[2]
KORTF = ROOT / "kortf"
MODULES = sorted(KORTF.rglob("*.py"))
CONFIGS = sorted((ROOT / "configs").rglob("*.py"))

# Ground floor: every package may import it, except the two that import nothing of ours.
GROUND = {
    "kortf", "kortf.command_line", "kortf.cores", "kortf.errors",
    "kortf.files", "kortf.atomic_directory", "kortf.lines", "kortf.duration", "kortf.strict_json",
    "kortf.discovery", "kortf.locks", "kortf.precision", "kortf.quiet", "kortf.ranges",
    "kortf.interruption", "kortf.stage", "kortf.workdir",
}  # fmt: skip
ON_NOTHING = {"layers", "metrics"}
BELOW_TRAIN = {
    "text", "data", "layers", "models", "metrics", "objectives", "tasks", "pretrained",
}  # fmt: skip
# Package to what it may import. A dot names one module and what is below it.
ARROWS = {
    "text": set(),
    "data": {"text"},
    "layers": set(),
    "models": {"layers"},
    "metrics": set(),
    "objectives": {"layers", "data.features"},
    "tasks": {"layers", "text", "metrics", "data.features", "data.reader", "data.tables"},
    "pretrained": {"models", "layers", "text"},
    "train": BELOW_TRAIN | {"download.catalogue"},
    "export": {"models", "tasks", "pretrained", "text", "layers"},
    "report": {"metrics"},
    "suite": {"report", "train.settings"},
    "vectors": {"metrics"},
    "download": {"data.progress"},
    "publish": {"pretrained.card", "download.model"},
    "clean": {"data", "text"},
    "cli": {
        "train",
        "models",
        "export",
        "data",
        "text",
        "pretrained",
        "report",
        "suite",
        "tasks",
        "download",
        "publish",
        "clean",
        "vectors",
    },
}

# Layers, models and objectives are written in keras.ops. These need TensorFlow's, and why:
KERNELS = "custom gradients, and kernels compiled one by one"
LSH = "integers that are sorted, gathered and compared, in kernels with custom gradients"
TENSORFLOW = {
    "layers/attention/attention.py": "the attention bias, from integer features of unknown length",
    "layers/heads/biaffine.py": "gathers of chosen heads, in served graphs as well",
    "layers/heads/crf.py": "scans over time, in served graphs as well",
    "layers/distillation.py": "x log x without NaN, and losses of a teacher's tensors",
    "layers/contrastive.py": "losses of sentence vectors, gathered over replicas",
    "layers/late_interaction.py": "a loop over parts of the texts, with its own gradient",
    "layers/attention/banded.py": "blocks of a row whose length only the run knows",
    "layers/attention/chunked.py": "a gradient of its own, chunk by chunk",
    "layers/attention/disentangled.py": "a skew by reshape, of a length only the run knows",
    "layers/modernbert.py": "attention scores of both kinds, recomputing a layer",
    "layers/norm.py": "an offset of zeros beside the fused kernels",
    "models/deberta.py": "gathered distances, recomputing a layer",
    "models/modernbert.py": "biases from integer features of unknown length",
    "layers/chunked.py": "a loop over parts of the rows, with its own gradient",
    "layers/embeddings.py": "positions in a pack: running maxima over integer features",
    "layers/functional.py": "weights as tensors, for gradients that are written by hand",
    "layers/kernels/attention.py": KERNELS,
    "layers/kernels/compiled.py": KERNELS,
    "layers/kernels/crf.py": KERNELS,
    "layers/kernels/cross_entropy.py": KERNELS,
    "layers/kernels/dense.py": KERNELS,
    "layers/kernels/norm.py": KERNELS,
    "layers/kernels/rotary.py": KERNELS,
    "layers/kernels/sampling.py": KERNELS,
    "layers/kernels/unit.py": KERNELS,
    "layers/attention/key_value_cache.py": "a cache of static length, written in a loop",
    "layers/lsh/attention.py": LSH,
    "layers/lsh/chunks.py": LSH,
    "layers/lsh/continuing.py": LSH,
    "layers/lsh/hashing.py": LSH,
    "layers/lsh/kernels.py": LSH,
    "layers/lsh/neighbours.py": LSH,
    "layers/lsh/rounds.py": LSH,
    "layers/lsh/sorting.py": LSH,
    "layers/lsh/self_attention.py": "chunks of a static length, padded inside",
    "layers/heads/lexical_part.py": "codes by integer ids, in the served graph as well",
    "layers/heads/pooling.py": "pooling in the served graph as well, where no Keras layer may be",
    "layers/random.py": "stateless draws and the bits of a counter",
    "layers/reversible.py": "computing a layer's input from its output on the way back",
    "layers/attention/rotary.py": "angles of integer positions",
    "layers/sampling.py": "the best k of all scores",
    "layers/heads/span_classifier.py": "masked distributions, in served graphs as well",
    "layers/heads/token_classifier.py": "tags of a CRF, in served graphs as well",
    "layers/transformer.py": "recomputing a layer on the way back",
    "models/generation.py": "a loop in the graph",
    "objectives/causal_lm.py": "what follows each place, inside tf.data",
    "objectives/corruption.py": "masks are drawn inside tf.data",
    "objectives/masking.py": "masks are drawn inside tf.data",
    "objectives/pair.py": "sums and counts of a score",
    "objectives/replaced_token.py": "draws in the graph, sums and counts of a score",
    "objectives/span_boundary.py": "integer features in a score",
    "objectives/spans.py": "masks are drawn inside tf.data",
}
TYPES = {"Tensor", "RaggedTensor", "DType", "TensorShape"}  # names that only annotate

MAX_LINES = 330
BAD_NAMES = {"utils.py", "common.py", "helpers.py"}


def package(path: pathlib.Path) -> str:
    """`kortf/text/training/vocab.py` -> `text`; the ground floor's modules -> empty."""
    parts = path.relative_to(KORTF).parts
    return parts[0] if len(parts) > 1 else ""


@functools.cache
def nodes(path: pathlib.Path) -> list[ast.AST]:
    """Syntax tree of a source, as a list."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imports(path: pathlib.Path) -> list[tuple[int, str]]:
    """Line and full name of everything a source imports, also inside functions.

    `from kortf.data import features` is kortf.data.features; a relative import is resolved.
    """
    found = []
    inside = ("kortf", *path.relative_to(KORTF).parts[:-1])
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = [node.module] if node.module else []
            if node.level:
                base = [*inside[: len(inside) - node.level + 1], *base]
            found += [(node.lineno, ".".join([*base, alias.name])) for alias in node.names]
    return found


def allowed(owner: str, name: str) -> bool:
    """Whether a module of package `owner` may import `name`."""
    parts = name.split(".")
    if parts[0] != "kortf":
        return True
    inner = ".".join(parts[1:])
    if inner.split(".")[0] not in ARROWS:  # the ground floor, or a name that one of it defines
        return owner not in ON_NOTHING
    targets = ARROWS[owner] | {owner}
    return any(inner == target or inner.startswith(f"{target}.") for target in targets)


def test_every_package_has_its_arrows():
    packages = {path.parent.name for path in KORTF.glob("*/__init__.py")}
    assert packages == set(ARROWS)
    ground = {f"kortf.{path.stem}" for path in KORTF.glob("*.py")}
    assert ground - {"kortf.__init__", "kortf.__main__"} == GROUND - {"kortf"}


def test_imports_follow_the_arrows():
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in MODULES
        if package(path)
        for line, name in imports(path)
        if not allowed(package(path), name)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "owner, name, verdict",
    [
        ("text", "kortf.data.corpus", False),
        ("text", "kortf.errors.InputError", True),
        ("text", "kortf.textual", True),
        ("metrics", "kortf.errors.InputError", False),
        ("objectives", "kortf.data.features.Feature", True),
        ("objectives", "kortf.data.records.records", False),
        ("objectives", "kortf.data", False),
        ("models", "kortf.objectives.masked_lm", False),
        ("models", "kortf.models.encoder", True),
        ("train", "kortf.cli.main", False),
        ("text", "numpy", True),
    ],
)
def test_the_arrows_are_read_rightly(owner, name, verdict):
    assert allowed(owner, name) is verdict


def test_imports_inside_functions_and_relative_ones_are_seen(tmp_path, monkeypatch):
    source = tmp_path / "text" / "a.py"
    source.parent.mkdir()
    source.write_text("def f():\n    from ..data import corpus\n    import kortf.train as t\n")
    monkeypatch.setitem(globals(), "KORTF", tmp_path)
    assert imports(source) == [(2, "kortf.data.corpus"), (3, "kortf.train")]


def test_import_of_kortf_loads_no_framework():
    program = (
        "import sys, kortf, kortf.cli.main, kortf.cli.sample\n"
        "kortf.cli.main._overview()\n"
        "bad = {'tensorflow', 'keras', 'numpy', 'tokenizers'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {sorted(bad)}' if bad else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_config_loads_small(path):
    spec = importlib.util.spec_from_file_location(f"config_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.__doc__, "a config's docstring gives command, time and score"
    config = module.get_config("smoke")
    assert isinstance(config, ml_collections.ConfigDict)
    if path.parent.name == "clean":  # nothing is trained: its keys are checked with the package
        return
    keys = ["seed", "batch_size", "dtype", "optimizer", "schedule"]
    keys += ["steps", "model", "objectives"] if path.parent.name == "pretrain" else ["epochs"]
    assert [key for key in keys if key not in config] == []


def test_modules_are_short_and_named_for_what_they_hold():
    sources = [*MODULES, *CONFIGS, *ROOT.glob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources}
    assert {str(p): n for p, n in lengths.items() if n > MAX_LINES} == {}
    assert [str(path) for path in sources if path.name in BAD_NAMES] == []


def test_only_the_named_modules_reach_past_keras_ops():
    users = {
        str(path.relative_to(KORTF))
        for path in MODULES
        if package(path) in ("layers", "models", "objectives") and reaches_into_tensorflow(path)
    }
    assert users == set(TENSORFLOW)


def reaches_into_tensorflow(path: pathlib.Path) -> bool:
    """Whether a source uses more of TensorFlow than its names of types."""
    found = nodes(path)
    used = {
        node.attr
        for node in found
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "tf"
    }
    below = {name for _, name in imports(path) if name.startswith("tensorflow.")}
    return bool(used - TYPES or below)


def test_summaries_are_imperatives_or_noun_phrases():
    """STYLE: a summary never begins with a question word, nor a function's in the third person."""
    question = re.compile(r"(What|How|Where|That|Says)\b")
    third = re.compile(r"(Returns|Writes|Reads|Makes|Takes|Gives|Puts|Defines|Yields|Adds)\b")
    found = []
    for path in [*MODULES, *CONFIGS]:
        for node in nodes(path):
            if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                continue
            summary = (ast.get_docstring(node) or "").split("\n")[0]
            plain = not question.match(summary)
            if not plain or isinstance(node, ast.FunctionDef) and third.match(summary):
                found.append(f"{path.relative_to(ROOT)}: {summary}")
    assert found == []
