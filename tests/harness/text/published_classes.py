"""Ids and spans of published tokenizers whose classes are no part of transformers.

Stated from the published classes: `kobert_tokenizer` of SKTBrain/KoBERT, `tokenization_kobert` of
monologg/KoBERT-Transformers, `tokenization_kocharelectra` of monologg/KoCharELECTRA, and KR-BERT's
sub-characters, which are BERT's WordPiece on text in NFKD.
"""

import unicodedata

Found = tuple[list[int], list[tuple[int, int]] | None]
"""Ids of a text, and spans of its characters where the class allows to tell."""


class Characters:
    """KoCharELECTRA: each character is a piece, and one space stands for any white space."""

    def __init__(self, directory):
        lines = (directory / "vocab.txt").read_text().split("\n")
        self.ids = {line: number for number, line in enumerate(lines)}

    def __call__(self, text: str) -> Found:
        spans, word = [], False
        for place, c in enumerate(text):
            if not c.isspace():
                spans.append((place, place + 1))
            elif word and text[place:].strip():
                spans.append((place, place + 1))
            word = not c.isspace()
        kept = [" " if text[a].isspace() else text[a] for a, _ in spans]
        return [self.ids.get(c, self.ids["[UNK]"]) for c in kept], spans


class SubCharacters:
    """KR-BERT: WordPiece of jamo."""

    def __init__(self, directory):
        import tokenizers

        self.inner = tokenizers.BertWordPieceTokenizer(
            str(directory / "vocab.txt"), lowercase=False, strip_accents=False
        )

    def __call__(self, text: str) -> Found:
        parts = [unicodedata.normalize("NFKD", c) for c in text]
        places = [place for place, part in enumerate(parts) for _ in part]
        found = self.inner.encode(unicodedata.normalize("NFKD", text), add_special_tokens=False)
        return found.ids, [(places[a], places[b - 1] + 1) for a, b in found.offsets]


class KoBert:
    """KoBERT: one space for any white space, plain quotes, no accents, then SentencePiece.

    The comma that its classes cut off a piece of a digit and a comma is left out here: kortf logs
    such pieces, and the vocabularies of the tests have none.
    """

    def __init__(self, directory):
        import sentencepiece

        (model,) = directory.glob("*.model")
        self.model = sentencepiece.SentencePieceProcessor(model_file=str(model))
        names = directory / "vocab.txt"
        if names.exists():
            listed = names.read_text().split("\n")
        else:
            listed = [self.model.id_to_piece(i) for i in range(self.model.get_piece_size())]
        self.ids = {name: number for number, name in enumerate(listed)}

    def pieces(self, text: str) -> list[str]:
        """Return the pieces of a text."""
        text = " ".join(text.split()).replace("``", '"').replace("''", '"')
        letters = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in letters if not unicodedata.combining(c))
        return self.model.encode(text, out_type=str)

    def __call__(self, text: str) -> Found:
        return [self.ids.get(piece, self.ids["[UNK]"]) for piece in self.pieces(text)], None


CLASSES = {
    "kobert": KoBert, "kobert port": KoBert, "characters": Characters,
    "sub-characters": SubCharacters,
}  # fmt: skip
