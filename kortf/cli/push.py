"""Upload a model directory to the Hugging Face hub, with a card in English and Korean.

  kortf push --model=runs/nsmc/model --repo=USER/NAME --private

The token is that of `hf auth login`, or HF_TOKEN. HF_ENDPOINT names another hub. The card gets the
task of the model's head, examples to try and a Korean part; a card that you changed keeps every
word. --dry_run prints the files and the card, and uploads nothing.
"""

from absl import flags

# Command that usually follows, with values of flags.
NEXT = "kortf download model {repo} --output=DIR"
# Place of the output, for the table at the end.
WRITTEN = "{repo} on the hub"


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags of `kortf push`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string("model", None, "model directory", required=True, **of)
    flags.DEFINE_string("repo", None, "name on the hub, USER/NAME", required=True, **of)
    flags.DEFINE_bool("private", False, "make a new repository private", **of)
    flags.DEFINE_string("message", None, "commit message", **of)
    flags.DEFINE_bool("dry_run", False, "print the files and the card, upload nothing", **of)


def main(flag_values: flags.FlagValues) -> None:
    """Upload the directory, and print what was uploaded."""
    from kortf.publish.push import push

    values = {name: flag_values[name].value for name in ("private", "message", "dry_run")}
    for line in push(flag_values.model.rstrip("/"), flag_values.repo, **values):
        print(line, flush=True)
