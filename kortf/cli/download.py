"""Fetch the published files of a benchmark, or a model, after showing its licence.

  kortf download nsmc --output=data/nsmc
  kortf download model kykim/bert-kor-base --output=models/bert-kor-base

A call that was stopped goes on where it was when it is given again; files that are there are only
checked. The benchmarks: nsmc, korquad, klue_ner, kmou_ner, kornli, korsts, paws, question_pair,
hate_speech. Each file is checked; what was fetched stands in downloads.json.

Models come from the Hugging Face hub, or from the mirror that HF_ENDPOINT names.
"""

from absl import flags

from kortf.download.source import HOST
from kortf.errors import InputError

TAKES_NAMES = True


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Defines the flags of `kortf download`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string("output", None, "directory for the files", required=True, **of)
    flags.DEFINE_string("mirror", HOST, "address that has the repositories of the files", **of)


def main(flag_values: flags.FlagValues, names: list[str]) -> None:
    """Fetches, and says so file by file."""
    from kortf.download.download import CATALOGUE, download

    if names[:1] == ["model"]:
        return _model(names[1:], flag_values.output)
    if len(names) != 1:
        problem = "no benchmark is named" if not names else f"{len(names)} benchmarks are named"
        raise InputError("TASK", problem, f"name one of {', '.join(CATALOGUE)}")
    for line in download(names[0], flag_values.output, flag_values.mirror):
        print(line, flush=True)


def _model(names: list[str], output: str) -> None:
    from kortf.download.model import download_model
    from kortf.pretrained.directory.directory import encoder_settings, read_config

    if len(names) != 1:
        problem = "no model is named" if not names else f"{len(names)} models are named"
        raise InputError("NAME", problem, "name one as on the hub, such as kykim/bert-kor-base")
    for line in download_model(names[0], output):
        print(line, flush=True)
    kind, settings = encoder_settings(read_config(output), output)
    sizes = f"{settings['num_layers']} layers of {settings['hidden_dim']}"
    print(f"{output}: read as {kind}, {sizes}; go on with --init_from={output}")
