"""`kortf download model`: fetch a model from the Hugging Face hub into a model directory."""

import os
import re
import sys
from collections.abc import Iterator

from kortf import files
from kortf.download.notes import note, notes
from kortf.download.transfer import LONGEST_FILE
from kortf.errors import InputError

HUB = "https://huggingface.co"
# Files of a model directory besides the weights, without any folder.
_TEXTS = re.compile(
    r"config\.json|generation_config\.json|vocab\.(txt|json)|merges\.txt|[\w.-]+\.model"
    r"|tokenizer(_config)?\.json|special_tokens_map\.json|added_tokens\.json|modules\.json"
    r"|sentence_bert_config\.json|config_sentence_transformers\.json"
    r"|README\.md|LICENSE[\w.-]*|kortf_heads\.safetensors"
)
# The only files that lie in a folder: the modules of sentence-transformers that kortf computes.
_IN_FOLDERS = re.compile(
    r"[1-9]\d?_(Pooling|Dense|Normalize|WordWeights|MultiVectorMask)/config\.json"
    r"|[1-9]\d?_(Dense|WordWeights|WordEmbeddings)/(model\.safetensors|pytorch_model\.bin)"
    r"|[1-9]\d?_WordEmbeddings/(wordembedding|whitespacetokenizer)_config\.json"
)
# The weights, the best format first.
_WEIGHTS = (
    re.compile(r"model\.safetensors"),
    re.compile(r"model\.safetensors\.index\.json|model-\d+-of-\d+\.safetensors"),
    re.compile(r"pytorch_model\.bin"),
    re.compile(r"pytorch_model\.bin\.index\.json|pytorch_model-\d+-of-\d+\.bin"),
)

# Packages whose errors are errors of the connection.
_CLIENTS = ("huggingface_hub", "httpx", "httpx2", "requests", "urllib3")


def wanted_files(names: list[str]) -> list[str]:
    """Return the files of a repository that make a model directory, sorted.

    A name with a separator is never taken, except the modules of sentence-transformers.

    Example:
        >>> wanted_files(["config.json", "model.safetensors", "pytorch_model.bin", "tf_model.h5"])
        ['config.json', 'model.safetensors']
    """
    texts = [name for name in names if _TEXTS.fullmatch(name) or _IN_FOLDERS.fullmatch(name)]
    for pattern in _WEIGHTS:
        weights = [name for name in names if pattern.fullmatch(name)]
        if weights:
            return sorted(texts + weights)
    return []


def download_model(name: str, output: str, revision: str | None = None) -> Iterator[str]:
    """Fetch a model; a second call continues an interrupted one.

    Args:
        name: Name on the hub, such as `kykim/bert-kor-base`.
        output: Directory that becomes the model directory.
        revision: Branch, tag or commit; the main branch by default.

    Yields:
        Lines to print: the licence first, then one for each file.

    Raises:
        InputError: There is no such model or revision, it has no weights that kortf reads, a file
            is longer than the hub says, or the hub cannot be reached.
    """
    hub = os.environ.get("HF_ENDPOINT", HUB).rstrip("/")
    if files.is_remote(output):
        raise InputError(f"--output={output}", "not a local directory", "fetch it here and copy it")
    try:
        import huggingface_hub
        from huggingface_hub import errors, utils
    except ImportError as error:
        cure = "install it: pip install 'kortf[hub]'"
        raise InputError("kortf download model", "needs huggingface_hub", cure) from error
    if not sys.stderr.isatty():
        utils.disable_progress_bars()
    try:
        api = huggingface_hub.HfApi(endpoint=hub)
        info = api.model_info(name, revision=revision, files_metadata=True)
        licence = getattr(info.card_data, "license", None) or "not given; see its page"
        yield f"{name}: {hub}/{name} (commit {info.sha[:12]})"
        yield f"licence: {licence}"
        sizes = {sibling.rfilename: sibling.size for sibling in info.siblings}
        found = wanted_files(list(sizes))
        if not found:
            cure = "take a model with model.safetensors or pytorch_model.bin"
            raise InputError(f"{hub}/{name}", "no weights that kortf reads", cure)
        for file in found:
            huggingface_hub.hf_hub_download(
                name,
                file,
                revision=info.sha,
                local_dir=output,
                endpoint=hub,
                tqdm_class=_bounded(f"{hub}/{name}/{file}", sizes[file]),
            )
            yield _noted(output, file, {"address": f"{hub}/{name}", "revision": info.sha})
    except errors.RevisionNotFoundError as error:
        cure = "name a branch, tag or commit of its page"
        raise InputError(f"--revision={revision}", f"{name} has no such revision", cure) from error
    except (errors.HFValidationError, errors.RepositoryNotFoundError) as error:
        cure = "check the name: OWNER/NAME as on its page; a private one needs hf auth login"
        raise InputError(f"{hub}/{name}", "there is no such model", cure) from error
    except Exception as error:
        if type(error).__module__.split(".")[0] not in _CLIENTS:
            raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        cure = "check the connection, or set HF_ENDPOINT to a mirror, and run it again to continue"
        raise InputError(f"{hub}/{name}", reason, cure) from error


def _noted(output: str, file: str, source: dict) -> str:
    """Record a file in `downloads.json`; return its line."""
    path = os.path.join(output, file)
    size, sha256 = os.path.getsize(path), files.sha256_of(path)
    before = notes(output).get(file, {})
    if before.get("revision") == source["revision"] and before.get("sha256") != sha256:
        cure = "remove it and run the same command again"
        raise InputError(path, "changed since it was fetched", cure)
    note(output, file, {**source, "bytes": size, "sha256": sha256})
    return f"{path}: {size:,} bytes, SHA-256 {sha256[:12]}…"


def _bounded(address: str, size: int | None):
    """Return a progress bar that ends a transfer longer than `size`, or than `LONGEST_FILE`."""
    from tqdm.auto import tqdm

    limit = LONGEST_FILE if size is None else size

    class Bounded(tqdm):
        came = 0

        def update(self, n=1):
            self.came += n
            if self.came > limit:
                problem = f"the server sends more than {limit:,} bytes"
                raise InputError(address, problem, "take another mirror, or report it to the hub")
            return super().update(n)

    return Bounded
