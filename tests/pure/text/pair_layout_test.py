"""Which special tokens a published tokenizer sets around a pair of texts."""

import json

import pytest
from tokenizers import processors

from kortf.errors import InputError
from kortf.text.vocabulary.loading import load_vocabulary
from kortf.text.vocabulary.pair_layout import BERT, ROBERTA, PairLayout, read_post_processor
from kortf.text.vocabulary.twin import to_tokenizers

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
IDS = {token: i for i, token in enumerate(SPECIAL)}


def template(single, pair):
    made = processors.TemplateProcessing(
        single=single, pair=pair, special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return json.loads(made.__getstate__())


ONE = "[CLS] $A [SEP]"
KNOWN = [
    (None, BERT),
    (json.loads(processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2)).__getstate__()), BERT),
    (json.loads(processors.RobertaProcessing(("[SEP]", 3), ("[CLS]", 2)).__getstate__()), ROBERTA),
    (json.loads(processors.ByteLevel().__getstate__()), BERT),
    (template(ONE, "[CLS] $A [SEP] $B:1 [SEP]:1"), BERT),
    (template(ONE, "[CLS] $A [SEP] $B [SEP]"), PairLayout(1, 0)),
    (template(ONE, "[CLS] $A [SEP] [SEP] $B [SEP]"), ROBERTA),
    (template(ONE, "[CLS] $A [SEP] [SEP] $B:1 [SEP]:1"), PairLayout(2, 1)),
    (template("$A", "$A $B:1"), BERT),
    (template("$A [SEP]", "$A [SEP] $B:1 [SEP]:1"), None),
    (template(ONE, "[CLS] $A $B [SEP]"), None),
    (template(ONE, "[CLS] $B [SEP] $A [SEP]"), None),
]


@pytest.mark.parametrize("step, layout", KNOWN, ids=lambda value: str(value)[:40])
def test_post_processors(step, layout):
    assert read_post_processor(step, "tokenizer.json") == layout
    around = [{"type": "ByteLevel"}] if step else []
    both = {"type": "Sequence", "processors": [*around, *([step] if step else [])]}
    assert read_post_processor(both, "tokenizer.json") == layout


BROKEN = [7, {"type": "Other"}, {"type": "Sequence"}, {"type": "TemplateProcessing", "pair": []}]


@pytest.mark.parametrize("step", BROKEN, ids=str)
def test_broken_post_processors_are_refused(step):
    with pytest.raises(InputError, match="tokenizer.json, post_processor"):
        read_post_processor(step, "tokenizer.json")


def write(directory, settings=None, config=None, post_processor=None, twin=True):
    (directory / "vocab.txt").write_text("\n".join([*SPECIAL, "가", "나"]))
    if twin:
        (directory / "tokenizer.json").write_text(json.dumps({"post_processor": post_processor}))
    for name, value in (("tokenizer_config.json", settings), ("config.json", config)):
        if value is not None:
            (directory / name).write_text(json.dumps(value))
    return load_vocabulary(directory)


def test_tokenizer_json_comes_before_the_class(tmp_path):
    double = template(ONE, "[CLS] $A [SEP] [SEP] $B [SEP]")
    vocabulary = write(tmp_path, {"tokenizer_class": "BertTokenizer"}, post_processor=double)
    assert vocabulary.pair_layout == ROBERTA
    single = template(ONE, "[CLS] $A [SEP] $B:1 [SEP]:1")
    vocabulary = write(tmp_path, {"tokenizer_class": "RobertaTokenizer"}, post_processor=single)
    assert vocabulary.pair_layout == BERT
    # Without a post-processor the class sets its own.
    assert write(tmp_path, {"tokenizer_class": "RobertaTokenizer"}).pair_layout == ROBERTA
    assert write(tmp_path, {"tokenizer_class": "PreTrainedTokenizerFast"}).pair_layout == BERT


@pytest.mark.parametrize("settings, config, layout", [
    ({"tokenizer_class": "XLMRobertaTokenizer"}, None, ROBERTA),
    ({"tokenizer_class": "RobertaTokenizerFast"}, None, ROBERTA),
    ({"tokenizer_class": "BertTokenizer"}, {"model_type": "roberta"}, BERT),  # klue/roberta
    ({}, {"model_type": "roberta", "tokenizer_class": "BertTokenizer"}, BERT),
    ({}, {"model_type": "roberta"}, ROBERTA),
    ({}, {"model_type": "electra"}, BERT),
    ({}, None, BERT),
])  # fmt: skip
def test_the_class_decides_without_tokenizer_json(tmp_path, settings, config, layout):
    assert write(tmp_path, settings, config, twin=False).pair_layout == layout


@pytest.mark.parametrize("layout", [BERT, ROBERTA, PairLayout(1, 0)])
def test_what_is_saved_has_the_same_layout(tmp_path, layout):
    vocabulary = write(tmp_path, {"pair_layout": layout._asdict()}, twin=False)
    twin = to_tokenizers(vocabulary)
    assert read_post_processor(json.loads(twin.to_str())["post_processor"], "") == layout
    pair = twin.encode("가", "나")
    separators = [IDS["[SEP]"]] * layout.separators
    assert pair.ids == [2, 5, *separators, 6, 3]
    assert pair.type_ids == [0, 0, *[0] * layout.separators, layout.segment, layout.segment]


@pytest.mark.parametrize("given", [7, {}, {"separators": 3, "segment": 0},
                                   {"separators": True, "segment": 0}])  # fmt: skip
def test_another_form_of_the_setting_is_refused(tmp_path, given):
    with pytest.raises(InputError, match="tokenizer_config.json, pair_layout"):
        write(tmp_path, {"pair_layout": given})
