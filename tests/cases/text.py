"""Cases of vocabularies and of cleaning."""

from tests import prepared
from tests.cases.bench import Bench, check, equal_or_refused, ids, pieces, run, want


@check("text/01")
def json_steps(bench: Bench):
    from tokenizers import Tokenizer

    seen = []
    texts = {"nfkc": "㈜카카오 Ａ", "digits": "20", "whitespacesplit": "한국(주)"}
    for name, text in {**texts, "maxchars2": "한국어"}.items():
        folder = bench.case / name
        oracle = Tokenizer.from_file(str(folder / "tokenizer.json"))
        right = oracle.encode(text, add_special_tokens=False).tokens
        seen.append(equal_or_refused(lambda f=folder, t=text: pieces(f, t), right))
    return seen


@check("text/02")
def lowercase_strips_accents(bench: Bench):
    right = ["ᄒ", "##ᅡ", "##ᆫ", "##ᄀ", "##ᅮ", "##ᆨ", "cafe"]
    return equal_or_refused(lambda: pieces(bench.case, "한국 Café"), right)


@check("text/03")
def vocab_txt_of_another_tokenizer(bench: Bench):
    text = "한국어 모델을 공유합니다."
    return [
        equal_or_refused(lambda n=name: pieces(bench.case / n, text), None)
        for name in ("kobert", "kochar")
    ]


@check("text/04")
def added_tokens(bench: Bench):
    return equal_or_refused(lambda: ids(bench.case, "국민청원이"), [10, 9])


@check("text/08")
def phone_behind_dot(bench: Bench):
    text = bench.cleaned()
    want(text.count("[전화번호]") == 5 and "010" not in text, text)
    return text


@check("text/09")
def masked_resident_number(bench: Bench):
    text = bench.cleaned()
    want(text.count("[주민등록번호]") == 1 and "900101" not in text, text)
    return text


@check("text/10")
def phone_wide_gaps(bench: Bench):
    text = bench.cleaned()
    want(text.count("[전화번호]") == 3 and "010" not in text, text)
    return text


@check("text/13")
def composed_before_control(bench: Bench):
    text = bench.cleaned()
    want(text.strip() == "한글 사랑이다", ascii(text))
    return text


@check("text/14")
def nmt_nfkc(bench: Bench):
    import sentencepiece

    oracle = sentencepiece.SentencePieceProcessor(model_file=str(bench.case / "spiece.model"))
    seen = []
    for text in ("영화\u200b정말", "영화\u200e정말", "영화\u200d정말"):
        right = oracle.encode(text)
        seen.append(equal_or_refused(lambda t=text: ids(bench.case, t), right))
    return seen


@check("text/16")
def twin(bench: Bench):
    from tokenizers import Tokenizer

    # The files of the case were written by the fault; a new vocabulary is compared as well.
    text = f"{prepared.sample_dir()}/nsmc/reviews.txt"
    argv = (f"--input={text}", f"--output={bench.work}/o", "--size=400", "--type=sentencepiece")
    ran = run("vocab", *argv)
    want(ran.status == 0, ran.output)
    folder = bench.work / "o"
    oracle = Tokenizer.from_file(str(folder / "tokenizer.json"))
    seen = []
    for code in (*range(0x80, 0xA0), 0x200B, 0xFEFF):
        text = f"영화{chr(code)} 영화"
        right = oracle.encode(text, add_special_tokens=False).ids
        found = ids(folder, text)
        if found != right:
            seen.append((hex(code), found, right))
    want(not seen, seen)
    return "34 characters: the same ids"


@check("text/24")
def pieces_no_word_has(bench: Bench):
    argv = (f"--input={bench.case}/long.txt", f"--output={bench.work}/o", "--size=200")
    ran = run("vocab", *argv)
    want(ran.status == 0, ran.output)
    words = (bench.work / "o" / "vocab.txt").read_text("utf-8").splitlines()
    longest = max(map(len, words))
    want(longest <= 102, f"a piece of {longest} characters")
    return f"longest piece: {longest} characters"
