"""Write a model as a SavedModel: strings in, labels, entities, answers or vectors out.

  kortf export --model=runs/nsmc/model --output=saved_model
  kortf export --model=klue/bert --output=served/1 --max_length=128 --dtype=bfloat16

The model directory may be kortf's or one of transformers, with any head. TF Serving and plain
TensorFlow run the SavedModel; kortf is not needed there. Signatures: serving_default (strings),
tokens (ids, no op of tensorflow-text) and embedding (strings to vectors).
"""

from absl import flags

from kortf.export.options import COMPUTED_DTYPES, DTYPES, SIGNATURES, ExportOptions
from kortf.precision import AUTO

# Command that usually follows, with values of flags.
NEXT = "kortf serve --model=NAME={output}"


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags of `kortf export`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string("model", None, "model directory (WORKDIR/model)", **of)
    flags.DEFINE_string("output", None, "directory for the SavedModel", **of)
    define_options(flag_values, DTYPES)
    flags.DEFINE_list(
        "signatures", list(SIGNATURES), "signatures to write, separated by commas", **of
    )
    flags.mark_flags_as_required(["model", "output"], flag_values)


def define_options(
    flag_values: flags.FlagValues, dtypes: tuple[str, ...] = COMPUTED_DTYPES
) -> None:
    """Define the flags of `kortf.export.options.ExportOptions`, for verbs that load a model."""
    of = {"flag_values": flag_values}
    usual = ExportOptions()
    flags.DEFINE_integer(
        "max_length", None, "longest row in tokens; the model's own if not given", **of
    )
    flags.DEFINE_integer("top_k", usual.top_k, "candidates for each [MASK]", **of)
    flags.DEFINE_integer(
        "max_tokens", usual.max_tokens, "maximum number of tokens that a causal model writes", **of
    )
    define_dtype(flag_values, dtypes)
    flags.DEFINE_boolean(
        "pair", usual.pair, "read a classifier of transformers as one of text pairs", **of
    )


def define_dtype(flag_values: flags.FlagValues, dtypes: tuple[str, ...] = COMPUTED_DTYPES) -> None:
    """Define the flag for the dtype that a loaded model computes in."""
    fastest = "; auto: the fastest here" if AUTO in dtypes else ""
    text = f"dtype of weights and products{fastest}"
    flags.DEFINE_enum("dtype", ExportOptions.dtype, dtypes, text, flag_values=flag_values)


def options_of(flag_values: flags.FlagValues, **more) -> ExportOptions:
    """Return the options that the flags of `define_options` give."""
    names = ("max_length", "top_k", "max_tokens", "dtype", "pair")
    return ExportOptions(**{name: getattr(flag_values, name) for name in names}, **more)


def main(flag_values: flags.FlagValues) -> None:
    """Export a model and print its signatures."""
    options = options_of(flag_values, signatures=tuple(flag_values.signatures))

    from kortf.cli.terminal.waiting import waiting
    from kortf.export.saved_model import example, export

    output = flag_values.output
    with waiting(f"exporting {flag_values.model}"):
        description = export(flag_values.model, output, options)
    lines = []
    for signature, interface in description["signatures"].items():
        lines.append(f"{output}: {signature}")
        for side in ("inputs", "outputs"):
            lines += [f"  {side}"]
            lines += [f"    {name:<14} {kind}" for name, kind in interface[side].items()]
    if "classes" in description:
        lines += [f"  classes          {', '.join(description['classes'])}"]
    print("\n".join([*lines, "", example(description, output)]))
