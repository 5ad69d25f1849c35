"""Make records of two segments: next sentence prediction and sentence order prediction.

Next sentence prediction: Devlin et al. 2019, BERT, section 3.1, task 2. Sentence order prediction:
Lan et al. 2020, ALBERT, section 3.1.
"""

import random

import numpy as np

from kortf.data.records.cutting import Cutter
from kortf.data.records.record import Record
from kortf.data.records.token_block import TokenBlock
from kortf.text.vocabulary.pair_layout import BERT, PairLayout

_SHORT_SHARE = 0.1  # of the pairs; fine-tuning has short sequences too

Span = tuple[int, int]  # start and end in TokenBlock.ids


class Pairer:
    """Make pairs of segments from documents of sentences.

    Consecutive sentences of a document are gathered up to `seq_length`, and cut at a random
    sentence into A and B. For `next_sentence`, B is in half of the pairs drawn from another
    document, and what followed A is used for the next pair; for `sentence_order`, A and B are
    swapped in half of them. Only a B from another document is ever truncated. A document of one
    sentence makes no pair: its label would always be 1.

    The separators are those of the vocabulary's layout. Where all of its segment ids are 0, a
    record has one length.

    Args:
        pairing: `next_sentence` or `sentence_order`.
        seq_length: Greatest number of tokens in a record.
        cls_id: Id of [CLS].
        sep_id: Id of [SEP].
        cutter: Cuts sentences longer than half a record.
        layout: Special tokens of a pair.
    """

    def __init__(
        self,
        pairing: str,
        seq_length: int,
        cls_id: int,
        sep_id: int,
        cutter: Cutter,
        layout: PairLayout = BERT,
    ):
        self._random_next = pairing == "next_sentence"
        self._layout = layout
        self._most = seq_length - layout.special_tokens(2)
        self._cls = np.array([cls_id], dtype=np.int32)
        self._sep = np.array([sep_id], dtype=np.int32)
        self._cutter = cutter

    def make(self, block: TokenBlock, rng: random.Random) -> tuple[list[Record], int]:
        """Pair the sentences of all documents of a block, in random order.

        Returns:
            The records, and the number of documents of one sentence, which are left out.

        Example, `sentence_order` with [CLS] = 2, [SEP] = 3: a document of the sentences `[11, 12]`
            and `[13]` gives `Record([2, 11, 12, 3, 13, 3], [4, 2], 0)` or, swapped,
            `Record([2, 13, 3, 11, 12, 3], [3, 3], 1)`. In RoBERTa's layout, the first is
            `Record([2, 11, 12, 3, 3, 13, 3], [7], 0)`
        """
        documents = self._documents(block)
        pairable = [document for document in documents if len(document) > 1]
        records = []
        between = [self._sep] * self._layout.separators
        for index, document in enumerate(pairable):
            for a, b, label in self._pairs(document, index, pairable, rng):
                parts = [self._cls, *(block.ids[s:e] for s, e in a), *between]
                first = sum(map(len, parts))
                parts += [*(block.ids[s:e] for s, e in b), self._sep]
                ids = np.concatenate(parts)
                lengths = [first, len(ids) - first] if self._layout.segment else [len(ids)]
                records.append(Record(ids, lengths, label))
        rng.shuffle(records)
        return records, len(documents) - len(pairable)

    def _documents(self, block: TokenBlock) -> list[list[Span]]:
        """Each document's sentences; those longer than half a record are cut."""
        splits = block.sentence_splits
        starts, ends = self._cutter.cut(block, splits[:-1], splits[1:], self._most // 2)
        spans = list(zip(starts.tolist(), ends.tolist(), strict=True))
        bounds = np.searchsorted(starts, splits[block.document_splits]).tolist()
        parts = [spans[i:j] for i, j in zip(bounds[:-1], bounds[1:], strict=True)]
        return [part for part in parts if part]

    def _pairs(self, document: list[Span], index: int, documents: list, rng: random.Random):
        at = 0
        while len(document) - at > 1:
            target = self._most
            if rng.random() < _SHORT_SHARE:
                target = rng.randint(2, self._most)
            stop = max(_gather(document, at, target), at + 2)
            if len(document) - stop == 1 and stop - at > 2:
                stop -= 1  # or the last sentence would be left without another
            middle = rng.randint(at + 1, stop - 1)
            a, b, label = document[at:middle], document[middle:stop], rng.randint(0, 1)
            if not self._random_next:
                yield (b, a, label) if label else (a, b, label)
            elif label and len(documents) > 1:
                yield a, self._random_segment(a, index, documents, target, rng), 1
                stop = middle
            else:
                yield a, b, 0
            at = stop

    def _random_segment(
        self, a: list[Span], index: int, documents: list, target: int, rng: random.Random
    ) -> list[Span]:
        other = rng.randrange(len(documents) - 1)
        other = documents[other + (other >= index)]
        start = rng.randrange(len(other))
        room = self._most - sum(e - s for s, e in a)
        stop = _gather(other, start, room - (self._most - target))
        if stop > start:
            return other[start:stop]
        s, e = other[start]
        return [(s, min(e, s + room))]


def _gather(document: list[Span], start: int, most: int) -> int:
    """The sentence before which those from `start` on no longer fit into `most` tokens."""
    stop, total = start, 0
    while stop < len(document) and total + document[stop][1] - document[stop][0] <= most:
        total += document[stop][1] - document[stop][0]
        stop += 1
    return stop
