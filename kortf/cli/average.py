"""Average the weights of several models that were fine-tuned from the same one.

  kortf average --models=runs/a/model,runs/b/model --output=runs/mean
  kortf evaluate --model=runs/mean --task=nsmc --data=data/nsmc/ratings_test.txt --output=runs/again

The models have the same sizes, vocabulary and task: runs of `kortf finetune` with one --init_from
and, say, another rate, batch or number of epochs. Keep config.seed the same: it also
draws the dev part, and an average must be chosen on rows that none of its models was trained on.
"""

from absl import flags

# Command that usually follows, with values of flags.
NEXT = "kortf evaluate --model={output} --task=TASK --data=FILE --output=DIR"


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags of `kortf average`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_list("models", None, "model directories, separated by commas", required=True, **of)
    flags.DEFINE_string("output", None, "model directory to write", required=True, **of)


def main(flag_values: flags.FlagValues) -> None:
    """Average the models."""
    from kortf.pretrained.averaging import average_models

    average_models(flag_values.models, flag_values.output)
    print(f"{flag_values.output}: the mean of {len(flag_values.models)} models")
