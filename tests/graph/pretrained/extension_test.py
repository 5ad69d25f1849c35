"""New pieces in a model that goes on: whose rows they start from, and what is refused."""

import numpy as np
import pytest

import kortf
from kortf import models
from kortf.errors import InputError
from kortf.layers.heads.heads import MaskedLMHead
from kortf.pretrained.directory.directory import save_pretrained
from kortf.pretrained.extension import changed_pieces, start_new_rows
from kortf.text.extension.extension import extend
from kortf.text.vocabulary.vocabulary import Vocabulary

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PIECES = [*SPECIAL, "[unused0]", "[unused1]", "[unused2]", "청", "##원", "##이", "국"]
SIZES = {"num_layers": 1, "num_heads": 1, "hidden_dim": 2, "intermediate_dim": 4, "max_length": 8}


def vocabulary(pieces=PIECES, **settings) -> Vocabulary:
    return Vocabulary("wordpiece", "\n".join(pieces).encode(), settings)


def build():
    encoder = models.build("bert", vocabulary_size=len(PIECES), **SIZES)
    head = MaskedLMHead(encoder.token_embedding, name="masked_lm")
    head.build((None, 2))
    rng = np.random.default_rng(0)
    for variable in [*encoder.weights, *head.weights]:
        variable.assign(rng.normal(size=variable.shape))
    return encoder, head


def test_new_rows_are_means_and_all_others_stay(tmp_path):
    encoder, head = build()
    table = np.array(encoder.token_embedding.embeddings.numpy())
    table[[8, 9]], bias = [[0, 2], [4, 0]], np.array(head.bias.numpy())
    bias[[8, 9]] = [-1, -3]
    encoder.token_embedding.embeddings.assign(table)
    head.bias.assign(bias)
    save_pretrained(tmp_path / "model", encoder, vocabulary(), {"masked_lm": head})
    new = extend(vocabulary(), ["청원", "##원이"])
    parts = changed_pieces(str(tmp_path / "model"), new, "new")
    assert parts == {5: [8, 9], 6: [9, 10]}
    before = {id(v): np.array(v.numpy()) for v in [*encoder.weights, *head.weights]}
    start_new_rows(encoder, [head], parts)
    now = np.array(encoder.token_embedding.embeddings.numpy())
    np.testing.assert_array_equal(now[5], [2, 1])
    np.testing.assert_allclose(now[6], (table[9] + table[10]) / 2)
    others = [i for i in range(len(PIECES)) if i not in (5, 6)]
    np.testing.assert_array_equal(now[others], table[others])
    assert float(head.bias[5]) == -2
    np.testing.assert_array_equal(np.array(head.bias.numpy())[others], bias[others])
    changed = {id(encoder.token_embedding.embeddings), id(head.bias)}
    for variable in [*encoder.weights, *head.weights]:
        if id(variable) not in changed:
            np.testing.assert_array_equal(np.array(variable.numpy()), before[id(variable)])


def test_a_new_piece_scores_as_the_mean_of_its_parts():
    encoder, head = build()
    start_new_rows(encoder, [head], {5: [8, 9]})
    scores = np.array(head(np.random.default_rng(1).normal(size=(4, 2)).astype("float32")))
    np.testing.assert_allclose(scores[:, 5], scores[:, [8, 9]].mean(axis=1), rtol=1e-5)


def test_what_could_not_be_cut_starts_as_the_unknown(tmp_path):
    save_pretrained(tmp_path, build()[0], vocabulary())
    assert changed_pieces(str(tmp_path), extend(vocabulary(), ["뷁"]), "new") == {5: [1]}


def test_the_same_vocabulary_changes_nothing(tmp_path):
    encoder, head = build()
    save_pretrained(tmp_path, encoder, vocabulary())
    parts = changed_pieces(str(tmp_path), vocabulary(), "same")
    assert parts == {}
    start_new_rows(encoder, [head], parts)
    again = kortf.from_pretrained(tmp_path)
    np.testing.assert_array_equal(
        again.token_embedding.embeddings, encoder.token_embedding.embeddings
    )


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (vocabulary([*PIECES[:8], "정", *PIECES[9:]]), "its piece 8 is '정' in place of '청'"),
        (vocabulary([*PIECES, "민"]), "13 pieces in place of 12"),
        (vocabulary(do_lower_case=False), "its lowercase is False in place of True"),
        (vocabulary(remove_characters=["hanja"]), "its remove is ('hanja',) in place of ()"),
    ],
)
def test_other_vocabularies_are_refused(tmp_path, other, words):
    save_pretrained(tmp_path, build()[0], vocabulary())
    with pytest.raises(InputError) as caught:
        changed_pieces(str(tmp_path), other, "other")
    assert words in str(caught.value)
    assert f"kortf vocab --extend={tmp_path}" in str(caught.value)
