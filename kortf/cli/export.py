"""Write a model as a SavedModel: raw strings in, labels or pieces out.

  kortf export --model=runs/nsmc/model --output=saved_model

A fine-tuned model answers with labels and probabilities, a pretrained one with the most probable
pieces for each [MASK], and a causal one with how the text goes on. TF Serving and plain TensorFlow
run it; kortf is not needed there.
"""

from absl import flags


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Defines the flags of `kortf export`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string("model", None, "model directory (WORKDIR/model)", **of)
    flags.DEFINE_string("output", None, "directory for the SavedModel", **of)
    flags.mark_flags_as_required(["model", "output"], flag_values)


def main(flag_values: flags.FlagValues) -> None:
    """Exports and prints the signature."""
    from kortf.export.saved_model import SIGNATURE, example, export

    output = flag_values.output
    description = export(flag_values.model, output)
    lines = [f"{output}: {SIGNATURE}"]
    for side in ("inputs", "outputs"):
        lines += [f"  {side}"]
        lines += [f"    {name:<14} {kind}" for name, kind in description[side].items()]
    if "classes" in description:
        lines += [f"  classes          {', '.join(description['classes'])}"]
    print("\n".join([*lines, "", example(description, output)]))
