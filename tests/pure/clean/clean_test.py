"""Cleaning a corpus: what came before goes, the same bytes always, taken up again."""

import json

import pytest

from kortf.clean.clean import clean_corpus
from kortf.clean.passes.passes import CleanPlan, Passes
from kortf.clean.settings import from_config
from kortf.data.corpus import corpus
from kortf.data.corpus.text_file import TextFile
from kortf.errors import InputError
from tests.pure.clean.near_test import changed, jaccard, text_of

BOTH = {"duplicates": {"documents": True, "lines": True, "line_min_chars": 8}}


def contents(directory):
    return {
        str(p.relative_to(directory)): p.read_bytes() for p in directory.rglob("*") if p.is_file()
    }


def documents_of(directory, pattern="clean-*"):
    paths = sorted(map(str, directory.glob(pattern)))
    return ["\n".join(d.sentences) for d in corpus.read_documents(paths, "text")]


@pytest.fixture
def clean(tmp_path):
    """`clean(paths, settings, **more)` cleans to `out` and gives the report; keeps what is said."""
    said = []

    def call(paths, values=None, output="out", fields=None, **more):
        plan = {
            key: more.pop(key) for key in ("category_field", "compress", "shards") if key in more
        }
        text_files = [TextFile.detect(str(path), text_fields=fields) for path in paths]
        more = {"worker_count": 1, "say": said.append} | more
        wanted = CleanPlan(from_config(values or {}), **plan)
        if "://" not in output:
            output = str(tmp_path / output)
        return clean_corpus(text_files, wanted, output, **more)

    call.said = said
    return call


@pytest.fixture
def three_files(tmp_path):
    """Three files of documents with planted duplicates of documents and lines."""
    texts = [
        "첫 문서의 첫 줄이다.\n둘째 줄도 있다.\n\n두 번째 문서의 글이다.\n",
        "두 번째 문서의 글이다.\n\n둘째 줄도 있다.\n새로운 줄이 하나 있다.\n짧다\n",
        "첫 문서의 첫 줄이다.\n둘째 줄도 있다.\n\n둘째 줄도 있다.\n\n"
        "짧다\n짧다\n마지막 문서의 글이다.\n",
    ]
    paths = [tmp_path / f"{name}.txt" for name in "abc"]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def test_of_equal_documents_and_lines_the_first_is_kept(clean, three_files, tmp_path):
    report = clean(three_files, BOTH)
    assert documents_of(tmp_path / "out") == [
        "첫 문서의 첫 줄이다.\n둘째 줄도 있다.",
        "두 번째 문서의 글이다.",
        "새로운 줄이 하나 있다.\n짧다",
        "짧다\n짧다\n마지막 문서의 글이다.",
    ]
    documents, lines = (report["rules"][f"duplicates.{kind}"] for kind in ("documents", "lines"))
    assert (documents["documents"], documents["dropped"], documents["lines"]) == (2, 2, 3)
    # One document loses a line, one is nothing but that line.
    assert (lines["documents"], lines["dropped"], lines["lines"]) == (2, 1, 2)


def test_the_report_says_what_is_there(clean, three_files, tmp_path):
    report = clean(three_files, BOTH)
    assert report == json.loads((tmp_path / "out" / "clean.json").read_text(encoding="utf-8"))
    assert sorted(contents(tmp_path / "out")) == sorted(
        [*(entry["file"] for entry in report["files"]), "clean.html", "clean.json", "samples.tsv"]
    )
    left = documents_of(tmp_path / "out")
    assert report["in"]["documents"] == 7 and report["in"]["lines"] == 13
    assert report["out"] == {
        "documents": len(left),
        "lines": sum(document.count("\n") + 1 for document in left),
        "characters": sum(map(len, left)),
        "bytes": sum(len(document.encode()) for document in left),
    }
    dropped = sum(rule["dropped"] for rule in report["rules"].values())
    characters = sum(rule["characters"] for rule in report["rules"].values())
    assert report["in"]["documents"] - dropped == report["out"]["documents"]
    assert report["in"]["characters"] - characters == report["out"]["characters"]
    rows = (tmp_path / "out" / "samples.tsv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "rule\tbefore\tafter" and {row.count("\t") for row in rows} == {2}
    assert "duplicates.documents\t두 번째 문서의 글이다.\t" in rows
    page = (tmp_path / "out" / "clean.html").read_text(encoding="utf-8")
    assert "<del>두 번째 문서의 글이다.</del>" in page and "<h2>duplicates.lines</h2>" in page


def test_lines_on_many_pages_go_from_all_of_them(clean, tmp_path):
    pages = [f"{i}번째 글의 본문이다.\n저작권자 무단전재 금지\n" for i in range(4)]
    pages.append("홀로 있는 글이다.\n후렴\n후렴\n후렴\n")
    path = tmp_path / "a.txt"
    path.write_text("\n".join(pages), encoding="utf-8")
    report = clean([path], {"boilerplate": {"pages": 3}})
    left = [f"{i}번째 글의 본문이다." for i in range(4)] + ["홀로 있는 글이다.\n후렴\n후렴\n후렴"]
    assert documents_of(tmp_path / "out") == left
    assert report["rules"]["boilerplate.pages"]["lines"] == 4


def test_documents_that_lose_lines_are_measured_again(clean, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(
        "여기는 긴 줄이 하나 있다.\n\n짧다\n여기는 긴 줄이 하나 있다.\n", encoding="utf-8"
    )
    report = clean([path], {**BOTH, "length": {"min_chars": 5}})
    assert documents_of(tmp_path / "out", "clean-*") == ["여기는 긴 줄이 하나 있다."]
    assert report["rules"]["length.chars"]["dropped"] == 1


def test_lines_of_documents_that_go_are_not_said_yet(clean, tmp_path):
    pytest.importorskip("rensa", reason="pip install 'kortf[clean]'")
    first, unique = text_of(1), "이 줄은 사라지는 문서에만 있던 줄이다."
    path = tmp_path / "a.txt"
    path.write_text(f"{first}\n\n{first}\n{unique}\n\n다른 글이다.\n{unique}\n", encoding="utf-8")
    clean([path], {**BOTH, "near": {"threshold": 0.7}})
    assert documents_of(tmp_path / "out") == [first, f"다른 글이다.\n{unique}"]


def test_planted_near_duplicates_are_found(clean, tmp_path):
    pytest.importorskip("rensa", reason="pip install 'kortf[clean]'")
    settings = from_config({"near": {"threshold": 0.8}})
    originals = [text_of(seed) for seed in range(60)]
    # One word in 100 changed: 0.9 of the shingles are shared. One in 4: below 0.4.
    near = [changed(text, 0.01, seed) for seed, text in enumerate(originals[:30])]
    far = [changed(text, 0.25, seed) for seed, text in enumerate(originals[30:])]
    assert all(jaccard(*pair, settings) < 0.7 for pair in zip(originals[30:], far, strict=True))
    path = tmp_path / "a.txt"
    path.write_text("\n\n".join([*originals, *near, *far]), encoding="utf-8")
    clean([path], {"near": {"threshold": 0.8}})
    left = set(documents_of(tmp_path / "out"))
    assert left >= set(originals) | set(far), "precision: nothing else goes"
    found = [text for text in near if text not in left]
    alike = [(t, jaccard(t, o, settings)) for t, o in zip(near, originals, strict=False)]
    true = [text for text, share in alike if 0.88 <= share < 1]
    assert len(true) >= 10 and set(true) <= set(found), "recall: all that are alike for sure go"


def many_documents(path, count=400):
    lines = [f"문장 {i % 150} 가나다라마바사.\n둘째 문장 {i % 70}번 글.\n" for i in range(count)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_same_bytes_for_any_number_of_workers(clean, tmp_path):
    paths = [many_documents(tmp_path / f"{name}.txt") for name in "abc"]
    values = {**BOTH, "near": {"threshold": 0.8, "min_chars": 10}}
    pytest.importorskip("rensa", reason="pip install 'kortf[clean]'")
    clean(paths, values, "one", worker_count=1)
    clean(paths, values, "two", worker_count=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert len(list((tmp_path / "one").glob("clean-*"))) >= 1


def test_little_memory_finds_the_same(tmp_path, clean):
    paths = [many_documents(tmp_path / f"{name}.txt") for name in "abc"]
    report = clean(paths, BOTH)
    (tmp_path / "work").mkdir()
    text_files = [TextFile.detect(str(path)) for path in paths]
    wanted = CleanPlan(from_config(BOTH))
    # So little memory that the fingerprints are looked at in several shares.
    passes = Passes(wanted, str(tmp_path / "small"), str(tmp_path / "work"), 1, 0.03, print)
    _, tally, written, _ = passes.run(text_files)
    assert len(list((tmp_path / "work").glob("same-lines-*.places"))) > 3
    assert written == report["files"]
    assert tally.rules["duplicates.lines"].lines == report["rules"]["duplicates.lines"]["lines"]


@pytest.mark.parametrize(("compress", "ending"), [("gz", ".txt.gz"), ("zst", ".txt.zst")])
def test_compressed_text_is_the_same_text(clean, three_files, tmp_path, compress, ending):
    clean(three_files)
    report = clean(three_files, output="packed", compress=compress)
    assert all(entry["file"].endswith(ending) for entry in report["files"])
    assert documents_of(tmp_path / "packed") == documents_of(tmp_path / "out")
    clean(three_files, output="again", compress=compress)
    assert contents(tmp_path / "again") == contents(tmp_path / "packed")


def test_the_text_is_cut_into_files_as_asked(clean, three_files, tmp_path):
    assert len(clean(three_files, {"duplicates": {"documents": False}}, shards=2)["files"]) == 2
    assert len(clean(three_files, output="many", shards=50)["files"]) <= 3


def test_categories_get_a_directory_each(clean, tmp_path):
    rows = [("육아/교육", "아이를 위한 글이다."), ("기타", "다른 글이다."), ("기타", " ")]
    rows += [(None, "갈 곳 없는 글."), ("육아/교육", "다른 글이다.")]
    path = tmp_path / "a.jsonl"
    path.write_text(
        "\n".join(json.dumps({"kind": k, "body": b}, ensure_ascii=False) for k, b in rows),
        encoding="utf-8",
    )
    report = clean([path], fields=["body"], category_field="kind")
    assert {name: counts["documents"] for name, counts in report["categories"].items()} == {
        "기타": 1, "none": 1, "육아%2F교육": 1,
    }  # fmt: skip
    assert documents_of(tmp_path / "out", "육아%2F교육/*") == ["아이를 위한 글이다."]
    assert documents_of(tmp_path / "out", "기타/*") == ["다른 글이다."]


def test_directories_of_categories_are_tidied_up(clean, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"kind": "가", "text": "봄이 왔다."}\n{"kind": "나", "text": "여름이다."}\n')
    (tmp_path / "out" / "가").mkdir(parents=True)
    (tmp_path / "out" / "mine").mkdir()
    (tmp_path / "out" / "가" / ".clean-00000-of-00001.txt.x.tmp").write_bytes(b"half")
    clean([path], category_field="kind")
    assert sorted(contents(tmp_path / "out" / "가")) == ["clean-00000-of-00001.txt"]
    clean([path], overwrite=True)
    left = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert left == ["clean-00000-of-00001.txt", "clean.html", "clean.json", "mine", "samples.tsv"]


def test_a_field_of_too_many_values_names_no_categories(clean, tmp_path):
    path = tmp_path / "a.jsonl"
    rows = (json.dumps({"id": i, "text": f"문장 {i}"}, ensure_ascii=False) for i in range(501))
    path.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(InputError, match="--category_field=id: has more than 500 values"):
        clean([path], category_field="id")
    with pytest.raises(InputError, match="a row without the field 'sort' .it has id, text"):
        clean([path], category_field="sort", output="other")


def test_categories_of_a_table(clean, tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("id\tkind\ttext\n1\t가\t봄이 왔다.\n2\t나\t꽃이 핀다.\n", encoding="utf-8")
    report = clean([path], fields=["text"], category_field="kind")
    assert set(report["categories"]) == {"가", "나"}
    with pytest.raises(InputError, match="a.tsv, line 1: no column 'sort'"):
        clean([path], fields=["text"], category_field="sort", output="other")


def test_finished_text_is_left_alone_and_other_text_is_not_mixed(clean, three_files, tmp_path):
    report = clean(three_files)
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "out").iterdir()}
    assert clean(three_files) == report
    assert clean.said == [f"{tmp_path}/out: this text is cleaned already"]
    assert before == {p: p.stat().st_mtime_ns for p in (tmp_path / "out").iterdir()}
    with pytest.raises(InputError, match="cleaned from other input.*--overwrite"):
        clean(three_files, {"repeats": 2})
    (tmp_path / "out" / "notes.txt").write_text("mine")
    clean(three_files[:1], overwrite=True)
    assert documents_of(tmp_path / "out")[-1] == "두 번째 문서의 글이다."
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"


def test_a_file_that_is_missing_afterwards_is_named(clean, three_files, tmp_path):
    report = clean(three_files)
    (tmp_path / "out" / report["files"][0]["file"]).unlink()
    with pytest.raises(InputError, match="of which clean-00000.* is missing"):
        clean(three_files)


def test_two_calls_do_not_write_to_one_directory(clean, three_files, tmp_path):
    import fcntl

    (tmp_path / "out").mkdir()
    with open(tmp_path / "out" / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="another kortf clean is writing"):
            clean(three_files)


def test_when_nothing_is_left_the_rule_is_named(clean, three_files, tmp_path):
    with pytest.raises(InputError, match="no document is left: length.chars dropped 7 of 7"):
        clean(three_files, {"length": {"min_chars": 1000}})
    assert contents(tmp_path / "out") == {}


def test_an_error_in_the_input_leaves_nothing(clean, tmp_path):
    good, bad = many_documents(tmp_path / "a.txt"), tmp_path / "b.txt"
    bad.write_bytes("좋은 줄.\n\n".encode() * 3 + b"\xb0\xa1\n")
    with pytest.raises(InputError, match=r"b.txt, byte \d+: "):
        clean([good, bad], output="new/out")
    assert not (tmp_path / "new").exists()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("kept")
    with pytest.raises(InputError):
        clean([good, bad])
    assert contents(tmp_path / "out") == {"mine": b"kept"}
    bad.write_bytes("좋은 줄.\n\n".encode() * 3)
    clean([good, bad])


@pytest.mark.parametrize(
    "name", ["config.json", "records.json", "vocab.txt", "spiece.model", "saved_model.pb"]
)
def test_directories_of_another_kind_are_refused(clean, three_files, tmp_path, name):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_text("{}")
    for overwrite in (False, True):
        with pytest.raises(InputError) as caught:
            clean(three_files, overwrite=overwrite)
        assert caught.value.parts[0] == str(tmp_path / "out")
    assert contents(tmp_path / "out") == {name: b"{}"}


def test_cleaned_text_is_not_replaced_by_its_own_cleaning(clean, three_files, tmp_path):
    made = clean(three_files)["files"][0]["file"]
    before = contents(tmp_path / "out")
    with pytest.raises(InputError) as caught:
        clean([tmp_path / "out" / made], {"repeats": 2}, overwrite=True)
    assert caught.value.parts[0].endswith(made)
    assert contents(tmp_path / "out") == before


def test_categories_do_not_clash_with_our_own_files(clean, tmp_path):
    names = ["clean.json", "samples.tsv", "clean-00000-of-00001.txt", ".lock", "none", "~", None]
    rows = [{"kind": name, "text": f"{i}번째 글이다."} for i, name in enumerate(names)]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    report = clean([path], category_field="kind")
    assert set(report["categories"]) == {
        "%63lean.json", "%73amples.tsv", "%63lean-00000-of-00001.txt", "%2Elock", "%6Eone", "%7E",
        "none",
    }  # fmt: skip
    assert all(count["documents"] == 1 for count in report["categories"].values())


def test_a_category_has_one_directory_in_either_normal_form(clean, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"kind": "가", "text": "봄이다."}\n{"kind": "\\u1100\\u1161", "text": "꽃이다."}\n'
    )
    assert list(clean([path], category_field="kind")["categories"]) == ["가"]
