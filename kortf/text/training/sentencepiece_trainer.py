"""Train unigram and BPE models with `sentencepiece`."""

import io
import re
from collections.abc import Iterable, Iterator

import sentencepiece

from kortf.errors import InputError
from kortf.text.training.alphabet import choose_alphabet
from kortf.text.training.wordpiece_trainer import SPECIAL_TOKENS
from kortf.text.unicode.normalize import normalize

MODELS = ("unigram", "bpe")
_BYTES = 256  # pieces of `byte_fallback`
# The trainer skips longer sentences; ours are cut at a space before that.
_SENTENCE_BYTES = 4096
_SENTENCE_CHARS = 1000
# Fixed: the number of threads changes the last bits of the sums of the expectation step.
_THREADS = 4


def train_sentencepiece(
    documents: Iterable[list[str]],
    chars: dict[str, int],
    *,
    model: str,
    size: int,
    lowercase: bool,
    unused: int = 0,
    limit_alphabet: int = 0,
    byte_fallback: bool = False,
) -> bytes:
    """Train a SentencePiece model: the same text gives the same model.

    The model does not normalize (`identity`); it is trained on normalized text, and the tokenizer
    normalizes before it.

    Args:
        documents: Lines of each document.
        chars: Count of each character in them, normalized, most frequent first.
        model: "unigram" or "bpe".
        size: Number of pieces, including special tokens and unused slots.
        lowercase: Whether text is lower-cased.
        unused: Number of `[unusedN]` slots.
        limit_alphabet: Most characters to keep; 0 for the default of `choose_alphabet`.

        byte_fallback: Whether 256 pieces stand for bytes, of which unknown characters are made.

    Returns:
        The bytes of `spiece.model`. The first pieces are [PAD] [UNK] [CLS] [SEP] [MASK].

    Raises:
        InputError: `size` is too small for the special tokens and a useful alphabet.
    """
    special = SPECIAL_TOKENS + [f"[unused{i}]" for i in range(unused)]
    fixed = len(special) + 1 + _BYTES * byte_fallback  # the ▁ and the bytes
    alphabet = choose_alphabet(chars, size, fixed, limit_alphabet, twins=False)
    output = io.BytesIO()
    sentencepiece.set_random_generator_seed(0)
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=_sentences(documents, lowercase, alphabet),
            model_writer=output,
            model_type=model,
            vocab_size=size,
            hard_vocab_limit=False,
            character_coverage=1.0,
            normalization_rule_name="identity",
            max_sentence_length=_SENTENCE_BYTES,
            num_threads=_THREADS,
            pad_id=0,
            unk_id=1,
            bos_id=2,
            eos_id=3,
            pad_piece="[PAD]",
            unk_piece="[UNK]",
            bos_piece="[CLS]",
            eos_piece="[SEP]",
            control_symbols=special[4:],
            byte_fallback=byte_fallback,
            minloglevel=2,
        )
    except (RuntimeError, OSError) as error:
        raise _explain(error, size) from error
    return round_scores(output.getvalue()) if model == "unigram" else output.getvalue()


def round_scores(data: bytes) -> bytes:
    """Round the scores of a unigram model to multiples of 1/128.

    `ㅋㅋㅋ` as `ㅋ`, `ㅋㅋ` or as `ㅋㅋ`, `ㅋ` scores the same, and the last bit of a program's
    sums decides between them. Sums of such multiples are exact up to 131,072, so that
    sentencepiece, TensorFlow and `tokenizers` agree.

    Example: a score of -3.14159 becomes -3.140625, which is -402/128.
    """
    from sentencepiece import sentencepiece_model_pb2

    proto = sentencepiece_model_pb2.ModelProto.FromString(data)
    for piece in proto.pieces:
        piece.score = round(piece.score * 128) / 128
    return proto.SerializeToString(deterministic=True)


def _sentences(
    documents: Iterable[list[str]], lowercase: bool, alphabet: list[str]
) -> Iterator[str]:
    # Not by `character_coverage`, which counts differently.
    other = re.compile(f"[^ {re.escape(''.join(alphabet))}]+")
    for lines in documents:
        for line in lines:
            yield from _cut(other.sub(" ", normalize(line, lowercase)).strip())


def _cut(text: str) -> Iterator[str]:
    """Cut a line into parts of at most 1,000 characters, at spaces where there are any."""
    start = 0
    while len(text) - start > _SENTENCE_CHARS:
        space = text.rfind(" ", start, start + _SENTENCE_CHARS)
        end = space if space > start else start + _SENTENCE_CHARS
        yield text[start:end]
        start = end
        while text.startswith(" ", start):
            start += 1
    if start < len(text):
        yield text[start:]


def _explain(error: Exception, size: int) -> InputError:
    return InputError(
        f"--size={size}", f"sentencepiece cannot train on this text ({error})", "give more text"
    )
