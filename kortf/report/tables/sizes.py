"""Short descriptions of models."""

from kortf.report.run import Run

# What families of Hugging Face call the same size.
LAYERS = ("num_layers", "num_hidden_layers", "n_layer")
WIDTH = ("hidden_dim", "hidden_size", "n_embd")
HEADS = ("num_heads", "num_attention_heads", "n_head")
NAME = ("name", "model_type")
# Hugging Face's name of an encoder that is ours by another name: BERT with norms first.
OURS = {"megatron-bert": "bert"}


def describe_model(settings: dict) -> str:
    """Return name and sizes of a model.

    Example:
        >>> describe_model({"name": "bert", "num_layers": 6, "hidden_dim": 256, "num_heads": 4})
        'bert 6 × 256, 4 heads'
        >>> describe_model({"model_type": "megatron-bert"})
        'bert'

    Args:
        settings: `config.model` of a pretraining, or the `config.json` of a model directory. A
            model that Hugging Face has no family for is described in its entry `kortf`.
    """
    own = settings.get("kortf")
    if isinstance(own, dict) and own.get("model"):
        settings = {"name": own["model"], **(own.get("settings") or {})}
    name, layers, width, heads = (_first(settings, names) for names in (NAME, LAYERS, WIDTH, HEADS))
    text = OURS.get(name, str(name or "model"))
    if layers and width:
        text += f" {layers} × {width}"
    return text + (f", {heads} heads" if heads else "")


def describe_objectives(run: Run) -> str:
    """Return the objectives of a pretraining.

    Example: "masked_lm + next_sentence"
    """
    names = [_objective(part) for part in run.config.get("objectives") or ()]
    return " + ".join(names) or "–"


def _objective(part) -> str:
    return str(part.get("name")) if isinstance(part, dict) else str(part)


def in_millions(number: float | None) -> str:
    """Return a number in millions.

    Example:
        >>> in_millions(20_356_741)
        '20.4 M'
        >>> in_millions(4_700)
        '0.005 M'
    """
    if number is None:
        return "–"
    millions = number / 1e6
    return (
        f"{millions:,.0f} M" if millions >= 100 else f"{millions:,.{1 if millions >= 1 else 3}f} M"
    )


def _first(settings: dict, names: tuple[str, ...]):
    return next((settings[name] for name in names if settings.get(name)), None)
