"""Cases of vocabularies of other libraries."""

import io
import json
import pathlib
import unicodedata

from tests.cases.bench import Bench, check, equal_or_refused, ids, load, run, want

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def _change(path: pathlib.Path, **changes) -> None:
    config = json.loads(path.read_text("utf-8")) | changes
    path.write_text(json.dumps(config), "utf-8")


def _directory(path: pathlib.Path, words: list[str], settings: dict, **more) -> pathlib.Path:
    path.mkdir(parents=True, exist_ok=True)
    (path / "vocab.txt").write_text("\n".join(words) + "\n", "utf-8")
    for name, value in {"tokenizer_config": settings, **more}.items():
        (path / f"{name}.json").write_text(json.dumps(value), "utf-8")
    return path


@check("interop/01")
def uncased(bench: Bench):
    text = "세종대왕 café"
    stripped = unicodedata.normalize("NFD", text).replace("\u0301", "")
    letters = sorted(set(stripped) - {" "})
    words = [*SPECIAL, *letters, *("##" + letter for letter in letters)]
    folder = _directory(bench.work / "d", words, {"do_lower_case": True})
    right = [
        words.index(("##" if number else "") + letter)
        for word in stripped.split()
        for number, letter in enumerate(word)
    ]
    return equal_or_refused(lambda: ids(folder, text), right)


@check("interop/02")
def vocab_of_another_tokenizer(bench: Bench):
    import sentencepiece

    from kortf.download.model import wanted_files

    texts = ["세종대왕이 한글을 만들었다.", "아버지가 방에 들어가신다."]
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts * 30), model_writer=model, vocab_size=60, unk_id=0,
        unk_piece="[UNK]", pad_id=1, pad_piece="[PAD]", bos_id=-1, eos_id=-1,
        control_symbols=["[CLS]", "[SEP]", "[MASK]"], hard_vocab_limit=False, minloglevel=2,
    )  # fmt: skip
    oracle = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    words = [oracle.id_to_piece(i) for i in range(oracle.get_piece_size())]
    settings = {"do_lower_case": False, "tokenizer_class": "KoBertTokenizer"}
    folder = _directory(bench.work / "d", words, settings)
    seen = [equal_or_refused(lambda: ids(folder, texts[0]), None)]  # without its model
    (folder / "tokenizer_78b3253a26.model").write_bytes(model.getvalue())
    for text in texts:
        seen.append(equal_or_refused(lambda t=text: ids(folder, t), oracle.encode(text)))
    names = ["config.json", "model.safetensors", "tokenizer_78b3253a26.model", "vocab.txt"]
    want("tokenizer_78b3253a26.model" in wanted_files(names), wanted_files(names))
    return seen


@check("interop/03")
def added_tokens(bench: Bench):
    words = [*SPECIAL, "가", "나", "[", "]", "e", "##1", "/"]
    size = len(words)
    flags = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False}
    numbered = [*enumerate(SPECIAL), (size, "[E1]"), (size + 1, "[/E1]")]
    decoder = {str(i): {"content": p, "special": True, **flags} for i, p in numbered}
    added = {"[E1]": size, "[/E1]": size + 1}
    settings = {"do_lower_case": False, "tokenizer_class": "BertTokenizer"}
    more = {"added_tokens_decoder": decoder, "additional_special_tokens": list(added)}
    right = [size, 5, size + 1, 6]
    seen = []
    for name, own, files in (
        ("both", settings | more, {"added_tokens": added}),
        ("decoder", settings | more, {}),
        ("file", settings, {"added_tokens": added}),
    ):
        folder = _directory(bench.work / name, words, own, **files)
        seen.append(equal_or_refused(lambda f=folder: ids(f, "[E1] 가 [/E1] 나"), right))
    return seen


@check("interop/04")
def json_steps(bench: Bench):
    import tokenizers
    from tokenizers import models, normalizers, pre_tokenizers

    words = [*SPECIAL, "가", "나", "##나", "다", "1", "##1", "11", "①", "가!", "!", "ᄀ", "##ᅡ"]
    words += ["@@나"]
    bert = pre_tokenizers.BertPreTokenizer()
    plain = {"lowercase": False, "strip_accents": False, "clean_text": True}
    normal = normalizers.BertNormalizer(handle_chinese_chars=True, **plain)
    folding = normalizers.BertNormalizer(lowercase=True, strip_accents=None)
    nfd = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents()])
    unclean = normalizers.BertNormalizer(**(plain | {"clean_text": False}))
    digits = pre_tokenizers.Sequence([bert, pre_tokenizers.Digits(individual_digits=True)])
    steps = [
        (normalizers.NFKC(), bert, "①", {}),
        (nfd, bert, "가", {}),
        (folding, bert, "가", {}),
        (unclean, bert, "가\u0000 나", {}),
        (normal, pre_tokenizers.WhitespaceSplit(), "가!", {}),
        (normal, pre_tokenizers.Whitespace(), "가!!", {}),
        (normal, digits, "11", {}),
        (normal, bert, "가나", {"continuing_subword_prefix": "@@"}),
        (normal, bert, "가나나나", {"max_input_chars_per_word": 3}),
    ]
    seen = []
    for number, (normalizer, splitter, text, options) in enumerate(steps):
        model = models.WordPiece({w: i for i, w in enumerate(words)}, unk_token="[UNK]", **options)
        oracle = tokenizers.Tokenizer(model)
        oracle.normalizer, oracle.pre_tokenizer = normalizer, splitter
        oracle.add_special_tokens(SPECIAL)
        folder = bench.work / str(number)
        folder.mkdir()
        oracle.save(str(folder / "tokenizer.json"))
        settings = {"tokenizer_class": "PreTrainedTokenizerFast"}
        (folder / "tokenizer_config.json").write_text(json.dumps(settings))
        (folder / "config.json").write_text('{"model_type": "bert"}')
        right = oracle.encode(text, add_special_tokens=False).ids
        found = equal_or_refused(lambda f=folder, t=text: ids(f, t), right)
        seen.append("refused" if isinstance(found, str) else found)
    return seen


def _reason(output: str) -> str:
    lines = [line for line in output.splitlines() if "no tokenizer: " in line]
    return lines[-1].split("no tokenizer: ")[1]


@check("interop/08")
def keras_hub(bench: Bench):
    import keras_hub

    words = [*SPECIAL, "좋다", "ㅋㅋ", "ㅠㅠ", "㈜", "한글", "cafe", "café"]
    hub = keras_hub.models
    sizes = {"num_layers": 1, "num_heads": 2, "hidden_dim": 16, "intermediate_dim": 16}
    backbone = hub.BertBackbone(vocabulary_size=len(words), max_sequence_length=16, **sizes)
    seen = []
    for number, options in enumerate(({"strip_accents": True}, {"strip_accents": False})):
        preset, model = bench.work / f"preset{number}", bench.work / f"model{number}"
        theirs = hub.BertTokenizer(vocabulary=words, lowercase=True, **options)
        backbone.save_to_preset(str(preset))
        theirs.save_to_preset(str(preset))
        ran = run("convert", "--from=keras_hub", f"--model={preset}", f"--output={model}")
        want(ran.status == 0, ran.output[-300:])
        if "no tokenizer: " in ran.output:
            want(not list(model.glob("vocab*")), "a vocabulary is written that is not the preset's")
            seen.append(f"from: {_reason(ran.output)}")
            continue
        for text in ("café", "좋다 ㅋㅋ ㅠㅠ", "㈜ 한글"):
            right = [int(i) for i in theirs([text])[0]]
            want(ids(model, text) == right, f"{text}: {ids(model, text)} where {right} is right")
        seen.append("from: equal ids")
    model, preset = bench.model(name="own", activation="gelu_tanh"), bench.work / "own-preset"
    _directory(model, [*words, *(f"w{i}" for i in range(600 - len(words)))],
               {"do_lower_case": True, "strip_accents": False})  # fmt: skip
    for name in ("tokenizer.json", "special_tokens_map.json"):
        (model / name).unlink(missing_ok=True)
    _change(model / "config.json", vocab_size=len(load(model).vocabulary.pieces))
    ran = run("convert", "--to=keras_hub", f"--model={model}", f"--output={preset}")
    want(ran.status == 0, ran.output[-300:])
    if "no tokenizer: " in ran.output:
        want(not list(preset.rglob("vocabulary.txt")), "a vocabulary of other ids is written")
        return [*seen, f"to: {_reason(ran.output)}"]
    theirs = hub.BertTokenizer.from_preset(str(preset))
    for text in ("좋다 ㅋㅋ ㅠㅠ", "㈜ 한글", "café"):
        right = [int(i) for i in theirs([text])[0]]
        want(ids(model, text) == right, f"{text}: {ids(model, text)} where keras-hub has {right}")
    return [*seen, "to: equal ids"]
