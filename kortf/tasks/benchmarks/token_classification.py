"""Entities in texts of one's own.

Read as they are, by the ending of the file's name:

- `.jsonl`: an object a line, `{"text": …, "entities": [{"start": 0, "end": 2, "label": "PS"}]}`
  with places in characters, or `{"tokens": […], "tags": […]}`;
- else a word and its tag a line, a tab or space between, an empty line between sentences, as
  CoNLL-2003 has it; of more columns the first and the last one count.
"""

from collections.abc import Iterator, Sequence

from kortf import files
from kortf.errors import InputError
from kortf.tasks.kinds.tagging import TaggingTask
from kortf.tasks.readers.blocks import read_blocks
from kortf.tasks.readers.names import listed
from kortf.tasks.readers.table import JSON_ENDINGS, read_json_lines
from kortf.tasks.readers.tags import OUTSIDE, of_characters, tagged_words, tags_of_entities


class TokenClassification(TaggingTask):
    """Entities in files of one's own, scored by the F1 of entities.

    Args:
        entity_labels: names of the kinds of entities; a sequence, or commas between; if there are
            none, those that the train part has.
        settings: as in `TaggingTask`.
    """

    name = "token_classification"
    train_file = "train.jsonl"
    test_file = "test.jsonl"

    def __init__(self, entity_labels: str | Sequence[str] = (), **settings):
        super().__init__(**settings)
        self.entity_labels = listed(entity_labels)

    def rows(self, path: str) -> Iterator[tuple]:
        return read_json_lines(path, ()) if path.endswith(JSON_ENDINGS) else read_blocks(path)

    def example(self, row, place: str) -> dict:
        if isinstance(row, list):
            example = self._words(*self._columns(row), place)
        elif "tokens" in row:
            example = self._words(row["tokens"], row.get("tags"), place)
        else:
            example = self._spans(row, place)
        for tag in example["tags"]:
            if tag != OUTSIDE and tag[:2] not in ("B-", "I-"):
                raise InputError(place, f"tag '{tag}' is not one", "write O, B-LABEL or I-LABEL")
        if self.entity_labels:
            self.check(example["tags"], place)
        return example

    def adapt(self, examples: Sequence[dict]) -> None:
        if self.entity_labels:
            return
        found = {tag[2:] for example in examples for tag in example["tags"] if tag != OUTSIDE}
        if not found:
            problem = f"there is no entity in {self.train_file}"
            raise InputError("config.task.train_file", problem, "name the file with the entities")
        self.entity_labels = tuple(sorted(found))

    def write_predictions(self, path: str, found: dict, examples) -> str:
        path += ".jsonl"
        columns = [found[name].tolist() for name in ("start", "end", "label", "score")]
        answers = (
            {"text": example["text"], "entities": _entities(*rows)}
            for example, *rows in zip(examples, *columns, strict=True)
        )
        files.write_json_lines(path, answers)
        return path

    def settings(self) -> dict:
        return {"entity_labels": list(self.entity_labels)} | super().settings()

    @staticmethod
    def _columns(block: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
        words, tags = [], []
        for place, line in block:
            fields = line.split("\t") if "\t" in line else line.split()
            if len(fields) < 2:
                raise InputError(place, "not a word and its tag", "separate them by a tab")
            words.append(fields[0])
            tags.append(fields[-1])
        return words, tags

    @staticmethod
    def _words(words, tags, place: str) -> dict:
        for name, values in (("tokens", words), ("tags", tags)):
            if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
                raise InputError(place, f"'{name}' is not a list of strings", "write one")
        return tagged_words(words, tags, place, "token")

    @staticmethod
    def _spans(row: dict, place: str) -> dict:
        text, entities = row.get("text"), row.get("entities")
        if not isinstance(text, str) or not isinstance(entities, list):
            problem = "neither 'text' and 'entities' nor 'tokens' and 'tags'"
            raise InputError(place, problem, "write one of the two forms")
        spans = []
        for number, entity in enumerate(entities, start=1):
            values = [entity.get(k) if isinstance(entity, dict) else None for k in _SPAN]
            start, end, label = values
            usable = isinstance(start, int) and isinstance(end, int) and isinstance(label, str)
            if not usable or not 0 <= start < end <= len(text):
                problem = f"entity {number} is not a span of the text with a label"
                raise InputError(place, problem, "give start, end (exclusive) and label")
            spans.append((start, end, label))
        units = of_characters(text)
        return {"text": text, "units": units, "tags": tags_of_entities(units, spans)}


def _entities(starts: list, ends: list, labels: list, scores: list) -> list[dict]:
    rows = zip(starts, ends, labels, scores, strict=True)
    return [
        {"start": start, "end": end, "label": label.decode(), "score": round(score, 6)}
        for start, end, label, score in rows
        if label
    ]


_SPAN = ("start", "end", "label")
