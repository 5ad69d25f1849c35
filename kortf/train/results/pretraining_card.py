"""The model card of a pretrained model, from its work directory and its records."""

import os
from collections.abc import Mapping, Sequence

from kortf import files
from kortf.pretrained.card import Card, bullets
from kortf.train.results import card_lines

_NO_SCORE = ("step", "time", "learning_rate", "gradient_norm", "tokens_per_second", "padding")
_KINDS = {"wordpiece": "WordPiece", "sentencepiece": "SentencePiece", "bpe": "byte-level BPE"}


def pretraining_card(
    workdir: str, info, vocabulary, state, replicas: int, companion: str = ""
) -> Card:
    """Return the model card of a pretraining.

    Args:
        workdir: Work directory with `config.json` and `metrics.jsonl`.
        info: `RecordsInfo` of the records.
        vocabulary: Vocabulary of the records.
        state: `RunState` at the end.
        replicas: Number of replicas.
        companion: Name of a model that was trained beside the encoder, such as `generator`; empty
            for the encoder.
    """
    written = files.read_json(os.path.join(workdir, "config.json"))
    config, name = written["config"], card_lines.title(workdir)
    about = f"A Korean language model (`{config['model']['name']}`) that kortf has pretrained."
    if companion:
        about += f" This is its {companion}, which was trained beside it."
    training, evaluation = card_lines.last_metrics(workdir)
    sections = {
        "Data": _data(info, vocabulary),
        "Training": _training(config["objectives"], config, info, state)
        + "\n"
        + card_lines.recipe(written, state.seconds, replicas),
        "Scores": _scores(training, evaluation, config),
    }
    tags = [each["name"] for each in config["objectives"]]
    return Card(f"{name}, {companion}" if companion else name, about, {"tags": tags}, sections)


def _data(info, vocabulary) -> str:
    files_ = [f"{os.path.basename(each['file'])} ({each['bytes']:,} bytes)" for each in info.input]
    tokens = f"{info.records:,} records of up to {info.seq_length:,} tokens, {info.tokens:,} in all"
    return bullets(
        {
            "text": card_lines.listed(files_),
            "documents": f"{info.documents:,}, with {info.sentences:,} sentences",
            "records": f"{tokens}, special ones included; pairing: {info.pairing}",
            "vocabulary": f"{_KINDS[vocabulary.kind]}, {vocabulary.size:,} pieces, "
            + ("lower-cased" if vocabulary.lowercase else "cased"),
            "removed from the text": ", ".join(vocabulary.remove) or None,
            "records key": f"`{info.key}`",
        }
    )


def _training(objectives: Sequence[Mapping], config: Mapping, info, state) -> str:
    passes = state.step * config["batch_size"] / info.records
    of = "" if state.step == config["steps"] else f" of the {config['steps']:,} that were planned"
    return bullets(
        {
            "objectives": "; ".join(card_lines.named(each) for each in objectives),
            "steps": f"{state.step:,}{of}, {passes:.2f} passes over the records",
            "tokens": f"{state.tokens:,.0f}, without padding",
        }
    )


def _scores(training: Mapping, evaluation: Mapping, config: Mapping) -> str:
    parts = []
    held_back = {k.removeprefix("eval/"): v for k, v in evaluation.items() if k not in _NO_SCORE}
    if held_back:
        parts.append(
            f"On held-out records, at step {evaluation['step']:,} "
            f"(seed {config['seed']}):\n\n{card_lines.table(held_back)}"
        )
    trained = {k: v for k, v in training.items() if k not in _NO_SCORE}
    if trained:
        parts.append(
            f"On the training data, over the last steps up to {training['step']:,}:\n\n"
            f"{card_lines.table(trained)}"
        )
    return "\n\n".join(parts) or "None were measured."
