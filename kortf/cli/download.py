"""Fetch the published files of a benchmark, or a model, after showing its licence.

  kortf download nsmc --output=data/nsmc
  kortf download model kykim/bert-kor-base --output=models/bert-kor-base

The same command continues an interrupted one and checks the files that are there. Benchmarks:
nsmc, korquad, korquad2, kornli, korsts, paws, question_pair, hate_speech, kmou_ner, klue_ynat,
klue_sts, klue_nli, klue_ner, klue_re, klue_dp, klue_mrc, klue_wos, kobest_boolq, kobest_copa,
kobest_wic, kobest_hellaswag, kobest_sentineg. downloads.json records address, revision, size and
SHA-256 of each file.

Models come from the Hugging Face hub, or from the mirror that HF_ENDPOINT names; --revision takes
a branch, tag or commit.
"""

from absl import flags

from kortf.download.source import HOST
from kortf.errors import InputError

TAKES_NAMES = True
# Command that usually follows, with values of flags.
NEXT = "kortf configs"


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags of `kortf download`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string("output", None, "directory for the files", required=True, **of)
    flags.DEFINE_string("mirror", HOST, "address of the repositories of the files", **of)
    flags.DEFINE_string("revision", None, "branch, tag or commit of a model", **of)


def main(flag_values: flags.FlagValues, names: list[str]) -> None:
    """Run `kortf download`."""
    from kortf.download.download import CATALOGUE, download

    if names[:1] == ["model"]:
        return _model(names[1:], flag_values.output, flag_values.revision)
    if flag_values.revision:
        cure = "leave it out: the catalogue names the commit"
        raise InputError(f"--revision={flag_values.revision}", "only models take it", cure)
    if len(names) != 1:
        problem = "no benchmark is named" if not names else f"{len(names)} benchmarks are named"
        raise InputError("TASK", problem, f"name one of {', '.join(CATALOGUE)}")
    for line in download(names[0], flag_values.output, flag_values.mirror):
        print(line, flush=True)


def _model(names: list[str], output: str, revision: str | None) -> None:
    from kortf.download.model import download_model
    from kortf.pretrained.directory.directory import encoder_settings, read_config

    if len(names) != 1:
        problem = "no model is named" if not names else f"{len(names)} models are named"
        raise InputError("NAME", problem, "name one as on the hub, such as kykim/bert-kor-base")
    for line in download_model(names[0], output, revision):
        print(line, flush=True)
    kind, settings = encoder_settings(read_config(output), output)
    sizes = f"{settings['num_layers']} layers of {settings['hidden_dim']}"
    print(f"{output}: read as {kind}, {sizes}; continue with --init_from={output}")
