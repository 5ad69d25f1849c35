"""Sentence vectors: kortf embed against sentence-transformers, the same weights in float32.

    python -m benchmarks.embedding --texts=FILE --model=DIR [--count=10000] [--size=4x256]

Both read one directory; weights are random if it is made here. A round embeds all texts of the
file, one a line, sorted by length as each side does, and writes a `.npy` file. Loading, and a first
round of 512 texts, are not counted. The largest difference of the two results is printed last.
"""

import argparse
import functools
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks import paired

BATCH, LENGTH = 32, 128


class Kortf:
    """Embeds by kortf, as `kortf embed` does."""

    def __init__(self, directory: str):
        import kortf
        from kortf.cores import one_core_an_operation

        one_core_an_operation()
        self.model = kortf.load(directory, BATCH)

    def write(self, texts: list[str], path: str) -> None:
        """Embed texts into a file."""
        from kortf.vectors.batches import windows
        from kortf.vectors.writing import VectorWriter

        writer = VectorWriter(path, self.model.embed([]).shape[1], {})
        for window in windows(((text,) for text in texts), self.model.window):
            part = [text for (text,) in window]
            self.model.count_truncated(part)
            writer.add(part, self.model.embed(part))
        writer.close()


class SentenceTransformers:
    """Embeds by sentence-transformers."""

    def __init__(self, directory: str):
        import sentence_transformers

        self.model = sentence_transformers.SentenceTransformer(directory, device="cpu")

    def write(self, texts: list[str], path: str) -> None:
        """Embed texts into a file."""
        np.save(path, self.model.encode(texts, batch_size=BATCH, show_progress_bar=False))


SIDES = {"kortf": Kortf, "sentence-transformers": SentenceTransformers}


def make(directory: str, texts_file: str, layers: int, width: int) -> None:
    """Write a BERT with weights at random, and a vocabulary of the texts."""
    from kortf import models
    from kortf.cli.main import run_verb
    from kortf.pretrained.directory.directory import save_pretrained
    from kortf.pretrained.sentence_transformers.settings import EmbeddingSettings
    from kortf.text.vocabulary.loading import load_vocabulary

    vocabulary_dir = f"{directory}.vocabulary"
    status = run_verb(
        "vocab", [f"--input={texts_file}", f"--output={vocabulary_dir}", "--size=8000"]
    )
    assert status == 0, "kortf vocab failed"
    vocabulary = load_vocabulary(vocabulary_dir)
    encoder = models.build(
        "bert",
        vocabulary_size=vocabulary.size,
        num_layers=layers,
        num_heads=width // 64,
        hidden_dim=width,
        intermediate_dim=4 * width,
        max_length=LENGTH,
    )
    embedding = EmbeddingSettings("mean", True, LENGTH)
    save_pretrained(directory, encoder, vocabulary, embedding=embedding)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", required=True)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--model", required=True, help="model directory; made if missing")
    parser.add_argument("--size", default="4x256", help="layers x width of a model that is made")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with open(arguments.texts, encoding="utf-8") as file:
        texts = [line.rstrip("\n") for line in file][: arguments.count]
    if not os.path.exists(arguments.model):
        layers, width = map(int, arguments.size.split("x"))
        make(arguments.model, arguments.texts, layers, width)
    loaded = {}  # each process loads its own side only

    def write(name: str) -> None:
        if name not in loaded:
            loaded[name] = SIDES[name](arguments.model)
            loaded[name].write(texts[:512], f"{arguments.model}.{name}.npy")
            return  # the round that is not counted
        loaded[name].write(texts, f"{arguments.model}.{name}.npy")

    rivals = {name: functools.partial(write, name) for name in SIDES}
    times = paired.take_turns(rivals, arguments.rounds)
    print(paired.table(times, "kortf", len(texts), "sentences/s"))
    found = [np.load(f"{arguments.model}.{name}.npy") for name in SIDES]
    print(f"largest difference of the vectors: {np.abs(found[0] - found[1]).max():.1e}")


if __name__ == "__main__":
    main()
