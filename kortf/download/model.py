"""`kortf download model`: a published model from the Hugging Face hub, as kortf reads it."""

import os
import re
import sys
from collections.abc import Iterator

from kortf.errors import InputError

HUB = "https://huggingface.co"
# All that kortf reads but for the weights, and what a reader wants to know.
_TEXTS = re.compile(
    r"config\.json|vocab\.(txt|json)|merges\.txt|tokenizer(_config)?\.json|special_tokens_map\.json"
    r"|spiece\.model|README\.md|LICENSE.*|kortf_heads\.safetensors"
)
# The weights, the best format first.
_WEIGHTS = (
    re.compile(r"model\.safetensors"),
    re.compile(r"model\.safetensors\.index\.json|model-\d+-of-\d+\.safetensors"),
    re.compile(r"pytorch_model\.bin"),
    re.compile(r"pytorch_model\.bin\.index\.json|pytorch_model-\d+-of-\d+\.bin"),
)

# Packages whose errors are the connection's: the hub's client has changed its own.
_CLIENTS = ("huggingface_hub", "httpx", "httpx2", "requests", "urllib3")


def wanted_files(names: list[str]) -> list[str]:
    """Which of a repository's files make a model directory.

    Example:
        >>> wanted_files(["config.json", "model.safetensors", "pytorch_model.bin", "tf_model.h5"])
        ['config.json', 'model.safetensors']
    """
    texts = [name for name in names if _TEXTS.fullmatch(name)]
    for pattern in _WEIGHTS:
        weights = [name for name in names if pattern.fullmatch(name)]
        if weights:
            return sorted(texts + weights)
    return []


def download_model(name: str, output: str) -> Iterator[str]:
    """Fetches a model; a call that was stopped goes on where it was.

    Args:
        name: on the hub, such as `kykim/bert-kor-base`.
        output: directory that becomes the model directory.

    Yields:
        Lines to be shown: the licence first, then one a file.

    Raises:
        InputError: there is no such model, it has no weights that kortf reads, or the hub cannot be
            reached.
    """
    hub = os.environ.get("HF_ENDPOINT", HUB).rstrip("/")
    try:
        import huggingface_hub
        from huggingface_hub import errors, utils
    except ImportError as error:
        cure = "install it: pip install 'kortf[hub]'"
        raise InputError("kortf download model", "needs huggingface_hub", cure) from error
    if not sys.stderr.isatty():
        utils.disable_progress_bars()
    try:
        info = huggingface_hub.HfApi(endpoint=hub).model_info(name)
        licence = getattr(info.card_data, "license", None) or "not given; see its page"
        yield f"{name}: {hub}/{name} (commit {info.sha[:12]})"
        yield f"licence: {licence}"
        found = wanted_files([sibling.rfilename for sibling in info.siblings])
        if not found:
            cure = "take a model with model.safetensors or pytorch_model.bin"
            raise InputError(f"{hub}/{name}", "no weights that kortf reads", cure)
        for file in found:
            huggingface_hub.hf_hub_download(
                name, file, revision=info.sha, local_dir=output, endpoint=hub
            )
            size = os.path.getsize(os.path.join(output, file))
            yield f"{os.path.join(output, file)}: {size:,} bytes"
    except (errors.HFValidationError, errors.RepositoryNotFoundError) as error:
        cure = "check the name: OWNER/NAME as on its page; a private one needs hf auth login"
        raise InputError(f"{hub}/{name}", "there is no such model", cure) from error
    except Exception as error:
        if type(error).__module__.split(".")[0] not in _CLIENTS:
            raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        cure = "check the connection, or set HF_ENDPOINT to a mirror, and run it again to go on"
        raise InputError(f"{hub}/{name}", reason, cure) from error
