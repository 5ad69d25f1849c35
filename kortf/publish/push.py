"""Upload a model directory to the Hugging Face hub; the command `kortf push`."""

import os
import re
from collections.abc import Iterator

from kortf import files
from kortf.errors import InputError
from kortf.publish.hub_card import hub_card

CARD = "README.md"
REPO = re.compile(r"(?:\w(?:[\w.-]{0,94}\w)?)/(?:\w(?:[\w.-]{0,94}\w)?)", re.ASCII)
# Files of the download, and of an editor, are not part of a model.
LEFT_OUT = re.compile(r"\.|downloads\.json$|.*\.lock$|.*~$")
# Packages whose errors are errors of the connection.
CLIENTS = ("huggingface_hub", "httpx", "httpx2", "requests", "urllib3")


def push(
    model: str, repo: str, private: bool = False, message: str | None = None, dry_run: bool = False
) -> Iterator[str]:
    """Upload a model directory in one commit, with a card in English and Korean.

    The token is that of `hf auth login`, or `HF_TOKEN`; `HF_ENDPOINT` names another hub.

    Args:
        model: Model directory.
        repo: `USER/NAME`; made if it does not exist.
        private: Whether a new repository is private.
        message: Commit message.
        dry_run: Whether to print the files and the card only.

    Yields:
        Lines to print.

    Raises:
        InputError: If the directory holds no model, or the hub refuses the upload.
    """
    config = _config(model)
    if not REPO.fullmatch(repo):
        raise InputError(f"--repo={repo}", "not a name of the hub", "give USER/NAME")
    names = _content(model)
    kept = os.path.join(model, CARD)
    text = _read(kept) if os.path.isfile(kept) else ""
    card = hub_card(text, config, repo, _mask(model))
    for name in names:
        size = len(card.encode()) if name == CARD else files.size(os.path.join(model, name))
        yield f"{name}: {size:,} bytes"
    if dry_run:
        yield f"\n{card}"
        return
    yield _upload(model, repo, [name for name in names if name != CARD], card, private, message)


def _upload(model, repo, names, card: str, private: bool, message: str | None) -> str:
    try:
        import huggingface_hub
        from huggingface_hub import CommitOperationAdd
    except ImportError as error:
        cure = "install it: pip install 'kortf[hub]'"
        raise InputError("kortf push", "needs huggingface_hub", cure) from error
    from kortf.download.model import HUB

    hub = os.environ.get("HF_ENDPOINT", HUB).rstrip("/")
    api = huggingface_hub.HfApi(endpoint=hub)
    operations = [CommitOperationAdd(CARD, card.encode())]
    operations += [CommitOperationAdd(name, os.path.join(model, name)) for name in names]
    try:
        api.create_repo(repo, private=private, exist_ok=True)
        commit = api.create_commit(
            repo, operations, commit_message=message or f"Upload {os.path.basename(model)}"
        )
    except Exception as error:
        if type(error).__module__.split(".")[0] not in CLIENTS and not isinstance(error, OSError):
            raise
        raise InputError(f"{hub}/{repo}", _reason(error), _cure(error)) from error
    return f"{hub}/{repo}: commit {str(commit.oid)[:12]}"


def _reason(error: Exception) -> str:
    status = getattr(getattr(error, "response", None), "status_code", None)
    reasons = {401: "the hub asks for a token", 403: "the token may not write there"}
    return reasons.get(status) or " ".join(str(error).split())[:200]


def _cure(error: Exception) -> str:
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403):
        return "run `hf auth login` with a token that may write, or set HF_TOKEN"
    return "check the connection and HF_ENDPOINT, then run the same command again"


def _content(model: str) -> list[str]:
    """Return the files of a model directory, sorted; a card comes first, also if it is made."""
    found = []
    for folder, below, names in os.walk(model):
        below[:] = sorted(name for name in below if not name.startswith("."))
        inside = os.path.relpath(folder, model)
        found += [
            os.path.normpath(os.path.join(inside, name)).replace(os.sep, "/")
            for name in sorted(names)
            if not LEFT_OUT.match(name)
        ]
    return [CARD, *(name for name in found if name != CARD)]


def _config(model: str) -> dict:
    path = os.path.join(model, "config.json")
    config = files.read_json(path) if os.path.isfile(path) else None
    if not isinstance(config, dict) or {"config", "inputs"} <= set(config):
        problem = "is not a model directory: it has no config.json of a model"
        raise InputError(f"--model={model}", problem, "name WORKDIR/model or another one")
    return config


def _mask(model: str) -> str:
    path = os.path.join(model, "tokenizer_config.json")
    settings = files.read_json(path) if os.path.isfile(path) else {}
    token = settings.get("mask_token") if isinstance(settings, dict) else None
    token = token.get("content") if isinstance(token, dict) else token
    return token if isinstance(token, str) else "[MASK]"


def _read(path: str) -> str:
    with files.open_file(path) as file:
        return file.read().decode("utf-8", errors="replace")
