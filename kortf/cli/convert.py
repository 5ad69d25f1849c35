"""Convert a model directory to a preset of keras-hub, or a preset to a model directory.

  kortf convert --to=keras_hub --model=runs/bert/model --output=runs/preset
  kortf convert --from=keras_hub --model=runs/preset --output=runs/model

Only the encoder and the vocabulary are converted, and only where keras-hub computes the same. BERT,
ALBERT and ELECTRA must have the GELU that is approximated by tanh (activation gelu_tanh, hidden_act
gelu_new), as GPT-2 has; RoBERTa must have the exact one. A tokenizer is converted only if it gives
equal ids. The command prints what it leaves out.
"""

from absl import flags

from kortf.errors import InputError

FORMATS = ("keras_hub",)


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags of `kortf convert`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_enum("to", None, FORMATS, "format to write", **of)
    flags.DEFINE_enum("from", None, FORMATS, "format to read", **of)
    flags.DEFINE_string("model", None, "directory to read", required=True, **of)
    flags.DEFINE_string("output", None, "directory to write", required=True, **of)


def main(flag_values: flags.FlagValues) -> None:
    """Run `kortf convert`."""
    from kortf.pretrained.keras_hub.presets import from_keras_hub, to_keras_hub

    to, origin = flag_values["to"].value, flag_values["from"].value
    if (to is None) == (origin is None):
        raise InputError("--to, --from", "give exactly one of them", "for example --to=keras_hub")
    convert = from_keras_hub if to is None else to_keras_hub
    for note in convert(flag_values.model, flag_values.output):
        print(f"{flag_values.output}: {note}")
    print(f"{flag_values.output}: written")
