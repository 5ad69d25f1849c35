"""Masked accuracy by position: documents, their masks, and the counts."""

import types

import numpy as np
import pytest

from kortf.pretrained.directory.inference import load_masked_lm
from kortf.text.tokenizer.tokenizer import load_tokenizer

LENGTH, WINDOW = 48, 24  # pieces of a document, and the row of the model


@pytest.fixture(scope="module")
def benchmark():
    from absl.testing import flagsaver

    with flagsaver.flagsaver():
        from benchmarks import masked_positions

        yield masked_positions


@pytest.fixture
def batches(benchmark, pretrained_dir, tmp_path, monkeypatch):
    text = "\n".join("세종대왕이 한글을 만들었다. 영화가 정말 재미있다." for _ in range(9))
    (tmp_path / "long.txt").write_text(f"{text}\n\n짧다.\n\n{text[40:]}\n", encoding="utf-8")
    flags = {"input": [str(tmp_path / "long.txt")], "length": LENGTH, "documents": 9}
    monkeypatch.setattr(benchmark, "FLAGS", types.SimpleNamespace(**flags))
    tokenizer = load_tokenizer(pretrained_dir)
    rows = benchmark.documents(tokenizer)
    assert rows.shape == (2, LENGTH)  # the short one is left out
    return [benchmark.masked(row, i, tokenizer.vocabulary) for i, row in enumerate(rows)]


def test_a_model_of_short_rows_reads_a_document_in_pieces(benchmark, batches, pretrained_dir):
    encoder, head = load_masked_lm(pretrained_dir)
    answer = benchmark.right_answers(str(pretrained_dir), LENGTH)
    for batch in batches:
        vectors = []
        for start in range(0, LENGTH, WINDOW):
            row = {k: batch[k][:, start : start + WINDOW] for k in ("token_ids", "segment_ids")}
            row["padding_mask"] = batch["padding_mask"][:, start : start + WINDOW]
            vectors.append(encoder(row)["sequence"][0].numpy())
        chosen = np.concatenate(vectors)[batch["mask_positions"][0].numpy()]
        predicted = np.argmax(head(chosen), -1)
        ids = np.where(np.arange(len(predicted)) % 2, predicted, batch["mask_ids"][0])
        found = answer(batch | {"mask_ids": ids[None].astype(np.int32)}).numpy()
        np.testing.assert_array_equal(found, ids == predicted)
        assert found.sum() >= len(ids) // 2


def test_right_answers_are_counted_by_position(benchmark, batches):
    def answer(batch):
        return batch["mask_positions"].numpy().ravel() >= 24  # the second half alone

    found = benchmark.shares(answer, batches, LENGTH, 4)
    np.testing.assert_array_equal(found[:4], [0, 0, 1, 1])
    real = [batch["mask_positions"].numpy()[batch["mask_weights"].numpy() > 0] for batch in batches]
    assert found[4] == np.mean(np.concatenate(real) >= 24)
