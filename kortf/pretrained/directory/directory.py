"""Model directories: an encoder, its heads and its vocabulary as Hugging Face lays them out."""

import functools
import os
from collections.abc import Collection
from typing import Any

from absl import logging

from kortf import discovery, files, models
from kortf.errors import InputError, blaming
from kortf.layers.embeddings import initializer, undrawn
from kortf.models.encoder import Encoder
from kortf.pretrained import card as cards
from kortf.pretrained import family as families
from kortf.pretrained.directory import contents, own_heads
from kortf.pretrained.directory.config_file import config_path, encoder_settings, read_config
from kortf.pretrained.directory.copying import Plan, collect, has_any
from kortf.pretrained.directory.leftovers import check_copies, say, tell
from kortf.pretrained.directory.weights import open_weights
from kortf.pretrained.directory.writing import write_directory
from kortf.pretrained.family import Family
from kortf.pretrained.formats import tensors
from kortf.pretrained.sentence_transformers.settings import EmbeddingSettings, TokenSettings
from kortf.text.vocabulary.loading import holds_vocabulary, load_vocabulary
from kortf.text.vocabulary.vocabulary import VOCABULARY_FILES, Vocabulary


def save_pretrained(
    directory: str,
    encoder: Encoder,
    vocabulary: Vocabulary | None = None,
    heads: dict[str, Any] | None = None,
    extra: dict | None = None,
    card: cards.Card | str | None = None,
    embedding: EmbeddingSettings | TokenSettings | None = None,
) -> None:
    """Write a model directory that transformers loads as it is.

    The directory appears whole or not at all; over an older one, its files are replaced.

    Args:
        directory: Directory to write.
        encoder: The model.
        vocabulary: Its vocabulary; its files are written as well.
        heads: Name to built Keras layer, such as `masked_lm` (MaskedLMHead), `next_sentence` or
            `sentence_order` (Dense), `replaced_token` (ReplacedTokenHead), `classifier`
            (Classifier), `token_classifier` (TokenClassifier), `span_classifier`
            (SpanClassifier). What Hugging Face's class for the model does not have stands in a file
            of its own, so that transformers has nothing to say about it.
        extra: More entries of `config.json`, such as `id2label`; a dict under `kortf` is
            merged with what kortf itself keeps there.
        card: Facts about the model for its card `README.md`; the card says at least what it is
            and how it is loaded. A card that its user has written, or changed, stays as it is,
            unless `card` is a whole text.
        embedding: Settings of a sentence embedding: the directory becomes one of
            sentence-transformers as well.

    Raises:
        InputError: The vocabulary has more pieces than the model has vectors, or the directory is a
            file.
    """
    directory, heads = os.fspath(directory), heads or {}
    family = families.of_encoder(encoder)
    layout = family.layout(encoder.settings, heads)
    if vocabulary is not None:
        _check_vocabulary(vocabulary, encoder.settings, directory)
    config = contents.config(family, layout, encoder, vocabulary, heads, extra or {})
    weights = {tensors.FILE: collect(contents.main_rows(family, layout, encoder, heads))}
    others = contents.own_rows(family, layout, encoder, heads)
    if others:
        weights[tensors.HEADS_FILE] = collect(others)
    write_directory(directory, config, weights, vocabulary, encoder.settings, card, embedding)


def from_pretrained(
    directory: str, dtype: str | None = None, heads: Collection[str] = ()
) -> Encoder:
    """Read the encoder of a model directory.

    Args:
        directory: Directory written by kortf or by transformers.
        dtype: Keras dtype or policy, such as `mixed_bfloat16`; float32 if None.
        heads: Names of heads that `load_heads` reads next: their tensors are not reported as
            unused.

    Returns:
        The encoder. Its `save_pretrained(directory)` writes it and the vocabulary it came with.

    Raises:
        InputError: Something in the directory is missing, broken or not supported.
    """
    directory = os.fspath(directory)
    config = read_config(directory)
    name, settings = encoder_settings(config, directory, open_weights(directory))
    with blaming(config_path(directory)), undrawn():
        encoder = models.build(name, **settings, dtype=dtype)
    cure = f"correct {os.path.basename(config_path(directory))}: the weights have other sizes"
    plan = _plan_encoder(encoder, config, directory, cure)
    plan.copy()
    for left in plan.unread():
        if len(left.shape) > 1:  # biases are zeros as they were made
            left.assign(initializer(settings["init_scale"])(left.shape))
    family = families.of_config(config, directory)
    tables = getattr(family, "heads", {})
    read = {tensor.theirs for name in heads for tensor in tables.get(name, ())}
    tell(plan, family, config, read)
    vocabulary = None
    if holds_vocabulary(directory):
        vocabulary = load_vocabulary(directory)
        _check_vocabulary(vocabulary, settings, directory)
        family.check_padding(config, vocabulary, config_path(directory))
    if families.is_outside(family):
        encoder.families = (families.module_of(family), *encoder.families)
    encoder.save_pretrained = functools.partial(
        save_pretrained,
        encoder=encoder,
        vocabulary=vocabulary,
        extra={} if vocabulary else family.special_ids(config),
    )
    return encoder


def load_encoder(encoder: Encoder, directory: str, heads: dict[str, Any] | None = None) -> None:
    """Copy the weights of a model directory into an encoder.

    The encoder may be of another module than the one that the directory is read as, where both
    compute the same, or where it sees both sides of a position and theirs, which is causal, only
    one: causal LM learns at every token, and so gives a bidirectional model an early start. It may
    have other values of its `adjustable` settings; the log names them.
    A pooler that the directory does not have stays as it was made. The log says what is missing and
    what is left over.

    Args:
        encoder: The model.
        directory: The model directory.
        heads: Heads that `load_heads` reads next: their tensors are not reported.

    Raises:
        InputError: The directory's encoder has other sizes, or a tensor is missing.
    """
    directory = os.fspath(directory)
    config = read_config(directory)
    name, theirs = encoder_settings(config, directory)
    place = config_path(directory)
    cls = discovery.find("kortf.models", name, Encoder)
    widens = cls.causal and not encoder.causal
    cure = f"give the model the sizes of {place}, or leave --init_from away"
    _check_same(name, cls, theirs, encoder, place, cure)
    plan = _plan_encoder(encoder, config, directory, cure)
    plan.copy()
    if widens:
        logging.info("%s: of a causal model; from here on it sees both sides", place)
    for key in encoder.adjustable:
        if key in theirs and theirs[key] != encoder.settings[key]:
            change = key, theirs[key], encoder.settings[key]
            logging.warning("%s: %s is %g; trained on with %g", place, *change)
    family = families.of_config(config, place)
    known = [family.head_tensors(name, head, theirs) or () for name, head in (heads or {}).items()]
    read = {tensor.theirs for table in known for tensor in table}
    tell(plan, family, config, read, train=True)


def load_heads(heads: dict[str, Any], directory: str) -> list[str]:
    """Copy the weights of heads from a model directory.

    Args:
        heads: Name to built Keras layer, as in `save_pretrained`.
        directory: The model directory.

    Returns:
        The names of the heads that it does not have: these stay as they were made. Of a head that
        is there but for what Hugging Face's class does not have, such as `crf.transitions`, the
        names of these. A head without weights of its own is never among them.

    Raises:
        InputError: A head is there in part only, or has other sizes.
    """
    directory = os.fspath(directory)
    config = read_config(directory)
    place = config_path(directory)
    family, settings = families.of_config(config, place), encoder_settings(config, directory)[1]
    plans, missing = [], []
    main, own = open_weights(directory), None
    if files.exists(os.path.join(directory, tensors.HEADS_FILE)):
        own = tensors.TensorFile(directory, tensors.HEADS_FILE)
    for name, head in heads.items():
        if config.get("tie_word_embeddings") is False and hasattr(head, "token_embedding"):
            problem = f"False, where {name} scores the vocabulary by the token vectors"
            raise InputError(f"{place}, tie_word_embeddings", problem, "take another model")
        found, absent = _plan_head(name, head, family, config, settings, main, own)
        plans += found
        missing += absent
    for plan in plans:
        plan.copy()
    if missing:
        say("%s: missing, initialized at random: %s", config, directory, missing)
    return missing


def _plan_encoder(encoder: Encoder, config: dict, directory: str, cure: str) -> Plan:
    family = families.of_config(config, config_path(directory))
    table, file = family.encoder_tensors(encoder), open_weights(directory)
    return Plan(encoder, table, file, (family.prefix, ""), cure)


def _plan_head(
    name: str, head, family: Family, config: dict, settings: dict, main, own
) -> tuple[list[Plan], list[str]]:
    """Return the plans that fill a head from both weight files, and the missing names."""
    cure = f"give the {name} head the sizes of the directory, or name another directory"
    table = family.head_tensors(name, head, settings) or ()
    if has_any(table, main) and family.is_head(name, config):
        if hasattr(head, "token_embedding"):
            check_copies(family, main)
        plans, rest = [Plan(head, table, main, cure=cure)], own_heads.table(name, head, table)
        if not rest or (own is not None and has_any(rest, own)):
            return plans + ([Plan(head, rest, own, cure=cure)] if rest else []), []
        return plans, [tensor.theirs for tensor in rest]
    for file, table in (
        (own, own_heads.table(name, head)),
        (main, own_heads.old_table(name, head)),
    ):
        if file is not None and has_any(table, file):
            return [Plan(head, table, file, cure=cure)], []
    return [], [name] if head.weights else []


def _check_same(
    name: str, cls: type[Encoder], theirs: dict, encoder: Encoder, place: str, cure: str
) -> None:
    """Refuse a directory whose encoder has other tensors than `encoder`, or means others by them.

    Args:
        name: Name of the directory's encoder.
        cls: Its class.
        theirs: Its settings.
        encoder: The encoder that is to take its weights.
        place: Path of the directory's config.
        cure: How to fix a setting.
    """
    ours, model = encoder.settings, families.name_of(encoder)
    there, here = cls.tensor_layout(theirs), encoder.tensor_layout(ours)
    there |= {key: theirs[key] for key in cls.meaning}
    here |= {key: ours[key] for key in encoder.meaning}
    different = [
        key for key in {**there, **here} if (there.get(key) or None) != (here.get(key) or None)
    ]
    narrows = encoder.causal and not cls.causal
    if name != model and (narrows or {"reversible", "projection"} & set(different)):
        problem = f"the weights are of '{name}' where the model is '{model}'"
        raise InputError(place, problem, f"set config.model.name='{name}'")
    for key in different:
        problem = f"{key} is {there.get(key)!r} where the model has {here.get(key)!r}"
        raise InputError(place, problem, cure)


def _check_vocabulary(vocabulary: Vocabulary, settings: dict, directory: str) -> None:
    if vocabulary.size > settings["vocabulary_size"]:
        raise InputError(
            os.path.join(directory, VOCABULARY_FILES[vocabulary.kind]),
            f"{vocabulary.size} pieces where the model has {settings['vocabulary_size']} vectors",
            "take the vocabulary that the model was trained with",
        )
