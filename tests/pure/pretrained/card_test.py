"""The model card: its front matter, its mark, and whose card stays."""

import yaml

from kortf.pretrained.card import FILE, Card, bullets, card_text, hub_task, is_own, keeps

CONFIG = {
    "architectures": ["BertForMaskedLM"], "model_type": "bert", "kortf": {"version": "0.1.0"},
}  # fmt: skip
SIZES = {"num_layers": 2, "hidden_dim": 16, "vocabulary_size": 9}


def front(text: str) -> dict:
    assert text.startswith("---\n")
    return yaml.safe_load(text.split("---\n")[1])


def test_front_matter_and_sections():
    card = Card("작은 모델", "About: it.", {"tags": ["nsmc", "bert"], "x": "a: b"}, {"Data": "- x"})
    text = card_text(card, CONFIG, SIZES)
    assert front(text) == {
        "language": ["ko"], "library_name": "transformers", "pipeline_tag": "fill-mask",
        "tags": ["kortf", "bert", "nsmc"], "x": "a: b",
    }  # fmt: skip
    assert (
        "# 작은 모델\n\nAbout: it.\n\n## Data\n\n- x\n\n## Model\n\n- class: `BertForMaskedLM`"
        in text
    )
    assert "- layers: 2\n- hidden size: 16\n- vocabulary: 9\n- written by: kortf 0.1.0" in text
    assert 'AutoModelForMaskedLM.from_pretrained("MODEL_DIR")' in text


def test_what_only_kortf_loads_says_so():
    ours = {"model_type": "kortf", "kortf": {"version": "0.1.0", "model": "reformer"}}
    text = card_text(Card(), ours, {"num_layers": 3, "hidden_dim": 8})
    assert front(text)["library_name"] == "kortf" and front(text)["tags"] == ["kortf"]
    assert "# reformer, 3 layers of 8\n" in text and "transformers import" not in text
    assert hub_task(ours) == "feature-extraction"
    assert hub_task({"architectures": ["ElectraForPreTraining"]}) == "feature-extraction"
    assert hub_task({"architectures": ["GPT2LMHeadModel"]}) == "text-generation"
    assert hub_task({"architectures": ["BertForMultipleChoice"]}) == "multiple-choice"
    assert hub_task({"kortf": {"model": "causal_reformer"}}) == "text-generation"


def test_a_card_that_its_user_has_written_or_changed_stays(tmp_path):
    assert not keeps(tmp_path)
    text = card_text(Card(), CONFIG, SIZES)
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    assert is_own(text) and not keeps(tmp_path)
    for other in ("# mine", text + "mine\n", text.replace("16", "17"), ""):
        (tmp_path / FILE).write_text(other, encoding="utf-8")
        assert not is_own(other) and keeps(tmp_path)


def test_bullets():
    assert bullets({"steps": 24, "tokens": None, "a": "b"}) == "- steps: 24\n- a: b"
