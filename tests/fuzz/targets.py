"""Readers of untrusted files, each with valid files to mutate.

A target is a function of a directory and a mutated content. It returns or raises `InputError`.
"""

import bz2
import contextlib
import gzip
import io
import json
import lzma
import pathlib
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import safetensors.numpy
import zstandard

from tests import prepared
from tests.fuzz import server_targets
from tests.harness.tasks import published

SHARD = "model-00001-of-00001.safetensors"
TEXT = "봄이 왔다. 꽃이 핀다.\n새가 운다!\n\n전화는 010-1234-5678.\n".encode()


class Target(NamedTuple):
    """A reader and valid files.

    Attributes:
        seeds: Makes the contents to mutate.
        read: Writes a content into an empty directory and reads it.
    """

    seeds: Callable[[], list[bytes]]
    read: Callable[[pathlib.Path, bytes], None]


def targets() -> dict[str, Target]:
    """Return all targets by name."""
    found = {
        "pickle": Target(_torch_files, _read_torch),
        "zip": Target(_zips, _read_torch),
        "safetensors": Target(_tensors, _read_tensors),
        "index": Target(_indices, _read_index),
        "tokenizer.json": Target(_vocabulary_file("tokenizer.json"), _read_twin),
        "vocab.txt": Target(_vocabulary_file("vocab.txt"), _read_vocabulary("vocab.txt")),
        "tokenizer_config.json": Target(
            _vocabulary_file("tokenizer_config.json"), _read_vocabulary("tokenizer_config.json")
        ),
        "spiece.model": Target(_sentencepiece, _read_sentencepiece),
        "config.json": Target(_configs, _read_config),
        "records.json": Target(_records_file("records.json"), _read_records("records.json")),
        "tfrecord": Target(_shards, _read_shard),
        "report": Target(_runs, _read_report),
        "corpus": Target(_corpora, _read_corpus),
        "tables": Target(_tables, _read_rows),
        "request": Target(server_targets.bodies, server_targets.read_body),
        "grpc": Target(server_targets.messages, server_targets.read_message),
    }
    for name in sorted(_EMBEDDING_FILES):
        found[name] = Target(_embedding_file(name), _read_embedding(name))
    found |= {"vectors.npy": Target(_arrays, _read_vectors("v.npy"))}
    found |= {"vectors.jsonl": Target(_vector_lines, _read_vectors("v.jsonl"))}
    for name in sorted(published.FILES):
        found[f"benchmark-{name}"] = Target(_benchmark(name), _read_benchmark(name))
    return found


def _torch_files() -> list[bytes]:
    # A state dict of one float32 tensor [2], by protocol 2, as torch.save wrote it before 1.6.
    from tests.fuzz.torch_save import old_file

    return [old_file({"a.weight": np.arange(2, dtype=np.float32)})]


def _zips() -> list[bytes]:
    from tests.fuzz.torch_save import zip_file

    return [zip_file({"a.weight": np.arange(6, dtype=np.float32), "b": np.ones(1, np.float32)})]


def _read_torch(directory: pathlib.Path, data: bytes) -> None:
    from kortf.pretrained.formats.torch_file import TorchFile

    (directory / "pytorch_model.bin").write_bytes(data)
    file = TorchFile(str(directory))
    for name in file.names:
        file.read(name)


def _tensors() -> list[bytes]:
    tensors = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.ones(1, np.float16)}
    return [safetensors.numpy.save(tensors, {"state": json.dumps({"step": 3})})]


def _read_tensors(directory: pathlib.Path, data: bytes) -> None:
    from kortf.pretrained.formats.tensors import TensorFile

    (directory / "model.safetensors").write_bytes(data)
    file = TensorFile(str(directory))
    for name in file.names:
        file.read(name)


def _indices() -> list[bytes]:
    return [json.dumps({"metadata": {}, "weight_map": dict.fromkeys("ab", SHARD)}).encode()]


def _read_index(directory: pathlib.Path, data: bytes) -> None:
    from kortf.pretrained.formats.shards import Shards

    (directory / SHARD).write_bytes(_tensors()[0])
    (directory / "model.safetensors.index.json").write_bytes(data)
    Shards(str(directory), "model.safetensors.index.json")


def _vocabulary_file(name: str) -> Callable[[], list[bytes]]:
    def seeds() -> list[bytes]:
        data = (prepared.vocabulary() / name).read_bytes()
        if name == "vocab.txt":  # short, so that a change matters
            data = b"\n".join(data.split(b"\n")[:60]) + b"\n"
        return [data]

    return seeds


def _read_vocabulary(name: str) -> Callable[[pathlib.Path, bytes], None]:
    def read(directory: pathlib.Path, data: bytes) -> None:
        from kortf.text.vocabulary.loading import load_vocabulary

        for other in ("vocab.txt", "tokenizer_config.json"):
            shutil.copy(prepared.vocabulary() / other, directory / other)
        (directory / name).write_bytes(data)
        load_vocabulary(str(directory))

    return read


def _read_twin(directory: pathlib.Path, data: bytes) -> None:
    from kortf.text.vocabulary.loading import load_vocabulary

    (directory / "tokenizer.json").write_bytes(data)
    load_vocabulary(str(directory))


def _sentencepiece() -> list[bytes]:
    import sentencepiece

    model = io.BytesIO()
    sentences = [f"문장 {i} 가나다라 마바사 {i * 7}" for i in range(300)]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences), model_writer=model, vocab_size=60, minloglevel=2,
        pad_id=0, unk_id=1, bos_id=2, eos_id=3, pad_piece="[PAD]", unk_piece="[UNK]",
        bos_piece="[CLS]", eos_piece="[SEP]", control_symbols=["[MASK]"],
    )  # fmt: skip
    return [model.getvalue()]


def _read_sentencepiece(directory: pathlib.Path, data: bytes) -> None:
    from kortf.text.vocabulary.loading import load_vocabulary

    (directory / "spiece.model").write_bytes(data)
    load_vocabulary(str(directory))


def _configs() -> list[bytes]:
    bert = {
        "model_type": "bert", "hidden_size": 16, "num_hidden_layers": 2, "vocab_size": 60,
        "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 24,
        "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12,
        "id2label": {"0": "a", "1": "b"}, "architectures": ["BertModel"],
    }  # fmt: skip
    own = {"model_type": "kortf", "kortf": {"version": "0.2.0", "model": "bert", "settings": {
        "vocabulary_size": 60, "num_layers": 2, "num_heads": 2, "hidden_dim": 16}}}  # fmt: skip
    return [json.dumps(bert).encode(), json.dumps(own).encode()]


def _read_config(directory: pathlib.Path, data: bytes) -> None:
    from kortf.pretrained.directory.directory import encoder_settings, read_config

    (directory / "config.json").write_bytes(data)
    (directory / "model.safetensors").write_bytes(_tensors()[0])
    encoder_settings(read_config(str(directory)), str(directory))


def _records_file(name: str) -> Callable[[], list[bytes]]:
    return lambda: [(prepared.records() / name).read_bytes()]


def _read_records(name: str) -> Callable[[pathlib.Path, bytes], None]:
    def read(directory: pathlib.Path, data: bytes) -> None:
        from kortf.data.records.records import read_info, verify_shards

        for path in prepared.records().iterdir():
            if path.is_file() and path.name != name:
                shutil.copy(path, directory / path.name)
        (directory / name).write_bytes(data)
        verify_shards(str(directory), read_info(str(directory)))

    return read


def _shards() -> list[bytes]:
    shard = min(prepared.records().glob("*.tfrecord"))
    return [shard.read_bytes()[:20_000]]


def _read_shard(directory: pathlib.Path, data: bytes) -> None:
    from kortf.data.records.tfrecord import find_corruption

    path = directory / "records-00000-of-00001.tfrecord"
    path.write_bytes(data)
    find_corruption(str(path))


def _runs() -> list[bytes]:
    metrics = [{"step": step, "loss": 4.0 - step / 10, "eval/accuracy": 0.5} for step in (1, 2, 3)]
    lines = "".join(json.dumps(line) + "\n" for line in metrics)
    config = {"config": {"seed": 0, "steps": 3, "batch_size": 4, "model": {"name": "bert"},
              "objectives": [{"name": "masked_lm"}]}, "inputs": {"init_from": None}}  # fmt: skip
    # The files of a work directory, one after the other.
    return [b"\x1e".join([json.dumps(config).encode(), lines.encode()])]


def _read_report(directory: pathlib.Path, data: bytes) -> None:
    from kortf.report.report import write_report

    run = directory / "run"
    run.mkdir()
    config, _, metrics = data.partition(b"\x1e")
    (run / "config.json").write_bytes(config)
    (run / "metrics.jsonl").write_bytes(metrics)
    write_report([str(run)], str(directory / "report"))


def _corpora() -> list[bytes]:
    wiki = '<doc id="1" url="" title="봄">\n봄\n\n봄이 왔다. 꽃이 핀다.\n</doc>\n'.encode()
    rows = b"".join(
        json.dumps({"text": f"봄이 {i}번 왔다.", "n": i}, ensure_ascii=False).encode() + b"\n"
        for i in range(5)
    )
    table = "id\tdocument\tlabel\n1\t좋다\t1\n2\t나쁘다\t0\n".encode()
    plain = [TEXT, wiki * 3, rows, table]
    packed = [gzip.compress(TEXT), bz2.compress(TEXT), lzma.compress(TEXT)]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.txt", TEXT)
    return [*plain, *packed, zstandard.compress(TEXT), archive.getvalue()]


def _read_corpus(directory: pathlib.Path, data: bytes) -> None:
    from kortf.data.corpus.corpus import read_documents

    endings = ((b"\x1f\x8b", ".gz"), (b"BZh", ".bz2"), (b"\xfd7z", ".xz"), (b"(\xb5/\xfd", ".zst"))
    ending = next((end for start, end in endings if data.startswith(start)), "")
    path = directory / f"corpus.txt{ending}"
    path.write_bytes(data)
    for _ in read_documents([str(path)]):
        pass


def _tables() -> list[bytes]:
    spans = [{"text": "봄이 왔다", "label": [[0, 1, "SN"]]}]
    task = [{"data": {"text": "봄"}, "annotations": [{"result": [{"value": {"start": 0}}]}]}]
    question = {
        "question": "언제?",
        "context": "봄",
        "answers": {"text": ["봄"], "answer_start": [0]},
    }
    rows = [json.dumps(x, ensure_ascii=False).encode() for x in (spans, task, {"data": [question]})]
    return [*rows, 'text,label\n"봄, 꽃",1\n겨울,0\n'.encode(), "text\n봄\n".encode("cp949")]


def _read_rows(directory: pathlib.Path, data: bytes) -> None:
    from kortf.data.tables import Table
    from kortf.errors import InputError
    from kortf.tasks.readers.spans import read_spans

    ending = ".json" if data.lstrip()[:1] in (b"[", b"{") else ".csv"
    path = directory / f"rows{ending}"
    path.write_bytes(data)
    table = Table.open(str(path), "auto")
    for place, row in table.rows() if table.reader else table.lines():
        if isinstance(row, dict):
            with contextlib.suppress(InputError):
                read_spans(row, place)


def _benchmark(name: str) -> Callable[[], list[bytes]]:
    return lambda: list(map(published.content_of, published.FILES[name].values()))


def _read_benchmark(name: str) -> Callable[[pathlib.Path, bytes], None]:
    def read(directory: pathlib.Path, data: bytes) -> None:
        from kortf import tasks

        names = list(published.FILES[name])
        for other in names:
            (directory / other).parent.mkdir(parents=True, exist_ok=True)
            (directory / other).write_bytes(published.content_of(published.FILES[name][other]))
        (directory / names[0]).write_bytes(data)
        tasks.build(name).read(str(directory / names[0]))

    return read


_EMBEDDING_FILES = (
    "modules.json",
    "1_Pooling/config.json",
    "2_Dense/config.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
)


def _write_embedding(directory: pathlib.Path) -> None:
    from kortf.pretrained.sentence_transformers.settings import Dense, EmbeddingSettings
    from kortf.pretrained.sentence_transformers.writing import write_embedding_settings

    layer = Dense(np.ones((4, 2), np.float32), np.ones(2, np.float32))
    settings = EmbeddingSettings("cls", True, 20, dense=(layer,), prompts={"query": "q: "})
    write_embedding_settings(str(directory), settings, 4)


def _embedding_file(name: str) -> Callable[[], list[bytes]]:
    def seeds() -> list[bytes]:
        with tempfile.TemporaryDirectory() as directory:
            _write_embedding(pathlib.Path(directory))
            return [(pathlib.Path(directory) / name).read_bytes()]

    return seeds


def _read_embedding(name: str) -> Callable[[pathlib.Path, bytes], None]:
    def read(directory: pathlib.Path, data: bytes) -> None:
        from kortf.pretrained.sentence_transformers.reading import read_settings

        _write_embedding(directory)
        (directory / name).write_bytes(data)
        read_settings(str(directory))

    return read


def _arrays() -> list[bytes]:
    file = io.BytesIO()
    np.save(file, np.ones((3, 4), np.float32))
    return [file.getvalue()]


def _vector_lines() -> list[bytes]:
    return [b'{"text": "a", "embedding": [1.0, 2.5]}\n{"text": "b", "embedding": [1, -2e-3]}\n']


def _read_vectors(name: str) -> Callable[[pathlib.Path, bytes], None]:
    def read(directory: pathlib.Path, data: bytes) -> None:
        from kortf.vectors.reading import read_vectors

        (directory / name).write_bytes(data)
        for _ in read_vectors(str(directory / name)):
            pass

    return read
