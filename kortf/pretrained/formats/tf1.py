"""Checkpoints of Google's own code for TensorFlow 1: BERT, ALBERT and ELECTRA.

A directory holds `bert_config.json` (or `albert_config.json`, `electra_config.json`) and the files
of one checkpoint, `bert_model.ckpt.index` and `bert_model.ckpt.data-00000-of-00001`. Its variables
are shown under Hugging Face's names, so that the tables of the families read them.

Pretraining ELECTRA leaves both of its models in one checkpoint. `DIR` is the discriminator, and
`DIR_generator`, where there is no such directory, the generator that is in it: it reads through the
discriminator's embeddings, its sizes are those of its variables, and each of its heads has 64
numbers, as ELECTRA's code has it.

`hidden_act` means what it means in transformers: `gelu` with the error function. Google's code took
the approximation by tanh for it; the difference is below 0.001.
"""

import os
import re

import numpy as np

from kortf import files
from kortf.errors import InputError
from kortf.pretrained.formats.tensor_source import TensorSource

GENERATOR = "_generator"
_HEAD_SIZE = 64  # of a generator
CONFIG_FILES = ("bert_config.json", "albert_config.json", "electra_config.json")
_CURE = "copy or download the checkpoint again"
# State of the optimizer.
_NO_WEIGHT = re.compile(r"global_step|.*/(adam_[mv]|Adam(_1)?)|beta[12]_power")
# Pattern of a variable to the model that has it.
_KINDS = (
    (re.compile(r"electra/encoder/"), "electra"),
    (re.compile(r"bert/encoder/transformer/"), "albert"),
    (re.compile(r"bert/encoder/"), "bert"),
)
# Of ELECTRA's two models: what shows a generator, what is its own, and what is both's unless it has
# that as well.
_OF_GENERATOR = re.compile(r"generator/encoder/")
_GENERATORS = re.compile(r"generator/|generator_predictions/")
_SHARED = re.compile(r"electra/embeddings/")
_UNTIED = re.compile(r"generator/embeddings/")
# Patterns in the names of variables, and what stands for them in Hugging Face's.
_EVERYWHERE = (
    (r"(word|position|token_type)_embeddings$", r"\1_embeddings.weight"),
    (r"layer_(\d+)/", r"layer/\1/"),
    (r"LayerNorm(_1)?/gamma$", r"LayerNorm\1/weight"),
    (r"LayerNorm(_1)?/beta$", r"LayerNorm\1/bias"),
    (r"/kernel$", "/weight"),
    (r"cls/seq_relationship/output_weights$", "cls/seq_relationship/weight"),
    (r"/output_bias$", "/bias"),
)
_OF = {
    "bert": (),
    "albert": (
        (r"^bert/", "albert/"),
        (
            r"encoder/transformer/group_(\d+)/inner_group_(\d+)/",
            r"encoder/albert_layer_groups/\1/albert_layers/\2/",
        ),
        (r"/attention_1/self/", "/attention/"),
        (r"/attention_1/output/dense/", "/attention/dense/"),
        (r"(albert_layers/\d+)/LayerNorm/", r"\1/attention/LayerNorm/"),
        (r"(albert_layers/\d+)/LayerNorm_1/", r"\1/full_layer_layer_norm/"),
        (r"/ffn_1/intermediate/dense/", "/ffn/"),
        (r"/ffn_1/intermediate/output/dense/", "/ffn_output/"),
        (r"/pooler/dense/", "/pooler/"),
        (r"^cls/predictions/(transform/)?", "predictions/"),
        (r"^cls/seq_relationship/", "sop_classifier/classifier/"),
    ),
    "electra": (
        (r"^generator/", "electra/"),
        (r"^discriminator_predictions/dense_1/", "discriminator_predictions/dense_prediction/"),
        (r"^generator_predictions/bias$", "generator_lm_head/bias"),
    ),
}


class Tf1Checkpoint(TensorSource):
    """The variables of a checkpoint.

    Attributes:
        model_type: Hugging Face's name of the model that they are of.
    """

    def __init__(self, directory: str, generator: bool = False):
        """Open the checkpoint.

        Args:
            directory: Directory of the checkpoint.
            generator: Whether ELECTRA's generator is meant rather than its discriminator.

        Raises:
            InputError: There are several, it is broken, or it is of another model.
        """
        import tensorflow as tf  # here: most directories do not need it

        found = checkpoints(directory)
        if not found:
            raise InputError(directory, "no checkpoint (*.ckpt*.index) in it", _CURE)
        self.path = found[0]
        self._errors = (tf.errors.OpError, ValueError, RuntimeError, IndexError)
        try:
            self._reader = tf.train.load_checkpoint(self.path)
            shapes = self._reader.get_variable_to_shape_map()
        except self._errors as error:
            raise self._broken(error) from error
        kinds = (kind for pattern, kind in _KINDS if any(map(pattern.match, shapes)))
        self.model_type = next(kinds, None)
        if self.model_type is None:
            problem = "no variables of BERT, ALBERT or ELECTRA in it"
            raise InputError(self.path, problem, "name another directory")
        named = [name for name in shapes if not _NO_WEIGHT.fullmatch(name)]
        if generator and not any(map(_OF_GENERATOR.match, named)):
            raise InputError(self.path, "no generator in it", "name another directory")
        chosen = _of_one(named, generator) if self.model_type == "electra" else named
        self._theirs = {translate(name, self.model_type): name for name in chosen}
        self._shapes = {name: tuple(shapes[self._theirs[name]]) for name in self._theirs}
        self.names = frozenset(self._theirs)

    def generator_sizes(self) -> dict:
        """Return the sizes of a generator for `config.json`, from the shapes of its variables."""
        kernel = "electra.encoder.layer.{}.intermediate.dense.weight"
        layers = sum(name.endswith(kernel.partition("{}")[2]) for name in self.names)
        table = "electra.embeddings.word_embeddings.weight"
        shapes = [self._shapes.get(name, ()) for name in (kernel.format(0), table)]
        if any(len(shape) != 2 for shape in shapes):
            raise InputError(self.path, "the generator in it is not whole", _CURE)
        wide, hidden = self.shape(kernel.format(0))
        return {
            "hidden_size": hidden,
            "intermediate_size": wide,
            "num_hidden_layers": layers,
            "num_attention_heads": max(1, hidden // _HEAD_SIZE),
            "embedding_size": self.shape(table)[1],
        }

    def place(self, name: str) -> str:
        return f"{self.path}, tensor {self._theirs.get(name, name)}"

    def shape(self, name: str) -> tuple[int, ...]:
        shape = self._shapes[name]
        return shape[::-1] if self._turned(name) else shape

    def _slice(self, name: str, index: tuple[slice, ...]) -> np.ndarray:
        try:
            value = self._reader.get_tensor(self._theirs[name])
        except self._errors as error:
            raise self._broken(error) from error
        return (value.T if self._turned(name) else value)[index or ...]

    def _turned(self, name: str) -> bool:
        """Return whether it is stored `[in, out]`, where torch has `[out, in]`."""
        return self._theirs[name].endswith("/kernel")

    def _broken(self, error: Exception) -> InputError:
        reason = str(error).splitlines()[0]
        return InputError(self.path, f"not a whole checkpoint ({reason})", _CURE)


def located(directory: str) -> tuple[str, bool]:
    """Return the directory of a checkpoint, and whether its generator is meant.

    Example: where `google/electra` holds a checkpoint, and `google/electra_generator` is not there
        >>> located("google/electra_generator")
        ('google/electra', True)
    """
    outer = directory.rstrip("/")
    base = outer.removesuffix(GENERATOR)
    if base == outer or not base or files.exists(directory) or not files.exists(base):
        return directory, False
    return (base, True) if checkpoints(base) else (directory, False)


def _of_one(names: list[str], generator: bool) -> list[str]:
    """Return the variables of one of the two models in a checkpoint of ELECTRA's."""
    if not any(map(_OF_GENERATOR.match, names)):
        return names
    if not generator:
        return [name for name in names if not _GENERATORS.match(name)]
    shared = _SHARED if not any(map(_UNTIED.match, names)) else _UNTIED
    return [name for name in names if _GENERATORS.match(name) or shared.match(name)]


def checkpoints(directory: str) -> list[str]:
    """Return the checkpoints in a directory, at most one.

    Raises:
        InputError: There are several.
    """
    found = [name for name in files.listdir(directory) if re.fullmatch(r".*ckpt.*\.index", name)]
    if len(found) > 1:
        problem = f"several checkpoints in it: {', '.join(found)}"
        raise InputError(directory, problem, "leave one, or take a directory for each")
    return [os.path.join(directory, name.removesuffix(".index")) for name in found]


def read_config(directory: str, path: str) -> dict:
    """Return the config of a directory with a checkpoint, with the `model_type` that it lacks."""
    config = files.read_json(path)
    if not isinstance(config, dict):
        raise InputError(path, "not a JSON object", "write the file again")
    base, generator = located(directory)
    checkpoint = Tf1Checkpoint(base, generator)
    sizes = checkpoint.generator_sizes() if generator else {}
    return config | sizes | {"model_type": checkpoint.model_type}


def translate(name: str, model_type: str) -> str:
    """Return a variable's name as Hugging Face has it.

    Example:
        >>> translate("bert/encoder/layer_0/attention/self/query/kernel", "bert")
        'bert.encoder.layer.0.attention.self.query.weight'
    """
    for pattern, replacement in _EVERYWHERE + _OF[model_type]:
        name = re.sub(pattern, replacement, name)
    return name.replace("/", ".")
