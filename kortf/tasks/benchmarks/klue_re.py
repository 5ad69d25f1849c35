"""KLUE-RE: the relation between two marked entities of a sentence.

Files: `klue-re-v1.1_train.json` (32,470), `klue-re-v1.1_dev.json` (7,765), arrays of objects with
guid, sentence, subject_entity and object_entity (word, start_idx, end_idx inclusive, type), label.
The labels of the test part are not published: the dev part is scored, and a held-out share of the
train file chooses the epoch.
Source: github.com/KLUE-benchmark/KLUE, CC BY-SA 4.0; Park et al., "KLUE", 2021.

The model reads the sentence with both entities and their types marked by punctuation, as the typed
entity markers of Zhou and Chen, "An Improved Baseline for Relation Extraction", 2021:
`@ * PER * 세종대왕 @ 은 # ^ LOC ^ 한양 # 에서 태어났다.` Pass a model the text in this form
(`kortf.tasks.benchmarks.klue_re.marked`).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from kortf.errors import InputError
from kortf.metrics.classification import auprc, micro_f1
from kortf.tasks.kinds.classification import ClassificationTask, softmax
from kortf.tasks.kinds.json_array_task import JsonArrayTask

NO_RELATION = "no_relation"
RELATIONS = (
    NO_RELATION, "org:top_members/employees", "org:members", "org:product", "per:title",
    "org:alternate_names", "per:employee_of", "org:place_of_headquarters", "per:product",
    "org:number_of_employees/members", "per:children", "per:place_of_residence",
    "per:alternate_names", "per:other_family", "per:colleagues", "per:origin", "per:siblings",
    "per:spouse", "org:founded", "org:political/religious_affiliation", "org:member_of",
    "per:parents", "org:dissolved", "per:schools_attended", "per:date_of_death",
    "per:date_of_birth", "per:place_of_birth", "per:place_of_death", "org:founded_by",
    "per:religion",
)  # fmt: skip
_MARKS = {"subject_entity": ("@", "*"), "object_entity": ("#", "^")}


class KlueRe(JsonArrayTask, ClassificationTask):
    """KLUE-RE, scored by micro F1 without `no_relation`, and by the area under the PR curve.

    Args:
        settings: As in `TextTask`.
    """

    name = "klue_re"
    train_file = "klue-re-v1.1_train.json"
    test_file = "klue-re-v1.1_dev.json"
    main_metric = "micro_f1"
    metrics = ("micro_f1", "auprc")
    sources_of_texts = ("sentence",)
    classes = RELATIONS
    note = "the labels of the test part are not published: the dev part was scored"

    @property
    def columns(self) -> tuple[str, ...]:
        return (*super().columns, *_MARKS)

    def example(self, row: dict, place: str) -> dict:
        label = self.class_number(str(row["label"]), place)
        example = self.texts(row, place)
        example["text"] = marked(example["text"], row, place)
        return example | {"label": label}

    def score(self, found: dict[str, np.ndarray], examples: Sequence[dict]) -> dict[str, float]:
        probabilities, gold = softmax(found["scores"]), self.targets(examples)
        number, predicted = len(self.classes), found["scores"].argmax(axis=-1)
        areas = [auprc(probabilities[:, i], gold == i) for i in range(number)]
        return {
            "micro_f1": micro_f1(predicted, gold, number, without=0),
            "auprc": float(np.mean(areas)),
        }


def marked(sentence: str, entities: Mapping[str, Mapping], place: str) -> str:
    """Mark two entities of a sentence, and their types.

    Example:
        >>> marked("세종은 한양에서", {
        ...     "subject_entity": {"start_idx": 0, "end_idx": 1, "type": "PER"},
        ...     "object_entity": {"start_idx": 4, "end_idx": 5, "type": "LOC"}}, "a.json")
        '@ * PER * 세종 @ 은 # ^ LOC ^ 한양 # 에서'

    Args:
        sentence: Sentence with both entities.
        entities: `subject_entity` and `object_entity`, each with `start_idx`, `end_idx` (inclusive)
            and `type`.
        place: File and row, for the message.

    Raises:
        InputError: If an entity does not stand where it says.
    """
    spans = []
    for name, marks in _MARKS.items():
        entity = entities.get(name)
        start, end, kind, word = (
            entity.get(key) if isinstance(entity, Mapping) else None
            for key in ("start_idx", "end_idx", "type", "word")
        )
        usable = type(start) is int and type(end) is int and isinstance(kind, str)
        if not usable or not 0 <= start <= end < len(sentence):
            raise InputError(place, f"'{name}' is not a span of the sentence", "correct the row")
        there = sentence[start : end + 1]
        if word is not None and word != there:
            problem = f"expected the {name} '{word}' at {start}, got '{there}'"
            raise InputError(place, problem, "correct the row")
        spans.append((start, end + 1, f"{marks[0]} {marks[1]} {kind} {marks[1]} ", f" {marks[0]}"))
    spans.sort()
    if spans[0][1] > spans[1][0]:
        raise InputError(place, "the two entities overlap", "correct the row")
    for start, end, before, after in reversed(spans):
        left, right = sentence[:start], sentence[end:]
        left += " " if left and not left.endswith(" ") else ""
        right = right if not right or right.startswith(" ") else f" {right}"
        sentence = f"{left}{before}{sentence[start:end]}{after}{right}"
    return sentence
