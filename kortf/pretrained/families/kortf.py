"""Directories of encoders that Hugging Face has no class for: our own settings and names."""

from kortf.errors import InputError
from kortf.models.encoder import Encoder
from kortf.pretrained.directory.variables import paths
from kortf.pretrained.family import Family, Layout, Tensor, name_of


class Kortf(Family):
    """Any encoder. `config.json` names its module and all of its settings under `kortf`."""

    model_type = "kortf"

    def fits(self, encoder: Encoder) -> bool:
        return True

    def read(self, config: dict, place: str) -> tuple[str, dict]:
        ours = config.get("kortf")
        ours = ours if isinstance(ours, dict) else {}
        for key, kind in (("model", str), ("settings", dict)):
            if not isinstance(ours.get(key), kind):
                raise InputError(f"{place}, kortf.{key}", "is missing", "write the model again")
        return ours["model"], ours["settings"]

    def config(self, encoder: Encoder, vocabulary=None) -> dict:
        return {
            "vocab_size": encoder.settings["vocabulary_size"],
            "pad_token_id": 0 if vocabulary is None else vocabulary.pad_id,
            "kortf": {"model": name_of(encoder), "settings": encoder.settings},
        }

    def encoder_tensors(self, encoder: Encoder) -> list[Tensor]:
        return [Tensor(path, path, optional=path.startswith("pooler.")) for path in paths(encoder)]

    def head_tensors(self, name: str, head, settings: dict) -> tuple[Tensor, ...] | None:
        return None

    def layout(self, settings: dict, heads: dict) -> Layout:
        return Layout()
