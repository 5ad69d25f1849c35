"""Make one model of several that were fine-tuned from the same one: the mean of their weights.

  kortf average --models=runs/a/model,runs/b/model --output=runs/mean
  kortf evaluate --model=runs/mean --task=nsmc --data=data/nsmc/ratings_test.txt --output=runs/again

The models have the same sizes, vocabulary and task: runs of `kortf finetune` with one --init_from
and, say, another rate, batch or number of epochs. Leave config.seed as it is between them: it also
draws the dev part, and a mean is to be chosen by rows that none of its models has learned.
"""

from absl import flags


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Defines the flags of `kortf average`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_list("models", None, "model directories, with commas between", required=True, **of)
    flags.DEFINE_string("output", None, "model directory to be written", required=True, **of)


def main(flag_values: flags.FlagValues) -> None:
    """Averages."""
    from kortf.pretrained.averaging import average_models

    average_models(flag_values.models, flag_values.output)
    print(f"{flag_values.output}: the mean of {len(flag_values.models)} models")
