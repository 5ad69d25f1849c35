"""One version of a model in memory: its signatures as functions of arrays."""

import dataclasses
import os
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from kortf import files
from kortf.errors import InputError
from kortf.export import saved_model
from kortf.export.loading import load_model
from kortf.export.options import EMBEDDING, SERVING, TOKENS, ExportOptions
from kortf.quiet import without_stderr

Arrays = dict[str, np.ndarray]


@dataclasses.dataclass(frozen=True)
class Signature:
    """A function of a model.

    Attributes:
        function: From tensors by name to tensors by name.
        inputs: Specs of its inputs.
        outputs: Specs of its outputs.
    """

    function: Callable[..., dict[str, tf.Tensor]]
    inputs: dict[str, tf.TensorSpec]
    outputs: dict[str, tf.TensorSpec]

    @property
    def takes_strings(self) -> bool:
        """Return whether all inputs are strings `[batch]`, so that requests can be merged."""
        specs = self.inputs.values()
        return all(spec.dtype == tf.string and spec.shape.rank == 1 for spec in specs)


class LoadedModel:
    """A SavedModel or a model directory, loaded.

    Args:
        name: Name of the model.
        version: Version of the model.
        directory: Its directory.
        options: How a model directory is served.

    Attributes:
        signatures: By name.
        description: Facts such as `kind` and `classes`.

    Raises:
        InputError: The directory cannot be used.
    """

    def __init__(self, name: str, version: int, directory: str, options: ExportOptions):
        self.name, self.version, self.directory = name, version, directory
        self._generator, self._direct = None, {}
        if files.exists(os.path.join(directory, saved_model.FILE)):
            saved_model.check_no_options(directory, options)
            self._model, functions = self._load_saved(directory)
        else:
            self._model = load_model(directory, options)
            self.description, self._direct = self._model.description, self._model.direct
            served = {
                SERVING: self._model.serve,
                TOKENS: self._model.tokens,
                EMBEDDING: self._model.embedding,
            }
            functions = {
                name: function.get_concrete_function()
                for name, function in served.items()
                if function is not None
            }
        self.signatures = {name: _signature(function) for name, function in functions.items()}
        first = self.signatures.get(SERVING) or next(iter(self.signatures.values()))
        self.description.setdefault("inputs", list(first.inputs))

    def _load_saved(self, directory: str):
        import tensorflow_text  # noqa: F401  its operations are in the graph

        path = os.path.join(directory, saved_model.DESCRIPTION_FILE)
        self.description = files.read_json(path) if files.exists(path) else {}
        try:
            with without_stderr():
                model = tf.saved_model.load(directory)
            functions = dict(model.signatures)
        except (OSError, ValueError, AttributeError, tf.errors.OpError) as error:
            problem = f"not a whole SavedModel ({str(error).splitlines()[0]})"
            raise InputError(directory, problem, "export it again: kortf export") from error
        if not functions:
            raise InputError(directory, "has no signature", "export it again: kortf export")
        return model, functions

    def run(self, signature: str, inputs: Arrays) -> Arrays:
        """Compute one signature."""
        if signature in self._direct:
            return self._direct[signature](*(inputs[n] for n in self.signatures[signature].inputs))
        given = {name: tf.constant(value) for name, value in inputs.items()}
        found = self.signatures[signature].function(**given)
        return {name: value.numpy() for name, value in found.items()}

    def warm_up(self) -> None:
        """Run the string signatures, and write a few tokens."""
        for name, signature in self.signatures.items():
            if signature.takes_strings:
                for batch in saved_model.warmup_batches(self.description):
                    self.run(name, self._inputs(name, batch))
        if self.generator is not None:
            for _ in self.generator.stream("가", max_tokens=1):
                pass

    def short_requests(self) -> list[tuple[str, Arrays]]:
        """Return signature and inputs of requests of one short text, if one takes strings."""
        for name, signature in self.signatures.items():
            if signature.takes_strings:
                requests = saved_model.short_requests(self.description)
                return [(name, self._inputs(name, texts)) for texts in requests]
        return []

    def _inputs(self, name: str, texts: dict[str, list[str]]) -> Arrays:
        """Return the inputs of a signature; one that the texts lack gets others."""
        others = ["가"] * len(next(iter(texts.values())))
        return {key: _strings(texts.get(key, others)) for key in self.signatures[name].inputs}

    @property
    def generator(self):
        """A `Generator` of a causal model directory; None of another model."""
        is_directory = not files.exists(os.path.join(self.directory, saved_model.FILE))
        if self._generator is None and is_directory and self.description["kind"] == "continuation":
            from kortf.export.heads.generator import Generator

            self._generator = Generator(self.directory)
        return self._generator


def _strings(texts: list[str]) -> np.ndarray:
    return np.array([text.encode() for text in texts], object)


def _signature(function) -> Signature:
    given = function.structured_input_signature
    specs = [*given[0], *given[1].values()]
    inputs = {spec.name: spec for spec in tf.nest.flatten(specs)}
    outputs = {
        name: tf.TensorSpec(value.shape, value.dtype, name)
        for name, value in function.structured_outputs.items()
    }

    def call(**arrays):
        # A concrete function of a model directory takes its inputs by position.
        return function(*(arrays[name] for name in inputs)) if given[0] else function(**arrays)

    return Signature(call, inputs, outputs)
