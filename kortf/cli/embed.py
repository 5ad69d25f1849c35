"""Write one vector for each text, by a model directory or a SavedModel.

  kortf embed --model=runs/sts/model --input=sentences.txt --output=vectors.npy
  echo '정말 재미있는 영화였다' | kortf embed --model=klue/bert --input=-

An output that ends in .npy is a NumPy array, float32 [texts, dim]; otherwise each line is an object
with `text` and `embedding`. The vector is the mean of the token vectors, or what the directory's
sentence-transformers files say.
"""

import json

from absl import flags

from kortf.cli._waiting import Counter, waiting
from kortf.cli.export import define_options, options_of
from kortf.cli.predict import check_input, define_input, open_output, read_rows


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags of `kortf embed`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string("model", None, "model directory or SavedModel", **of)
    define_input(flag_values)
    flags.DEFINE_list("text_fields", [], "column or JSON field of the text", **of)
    define_options(flag_values)
    flags.mark_flags_as_required(["model", "input"], flag_values)


def main(flag_values: flags.FlagValues) -> None:
    """Embed all texts."""
    check_input(flag_values.input)
    options = options_of(flag_values)

    from kortf.export.predictor import Predictor

    with waiting(f"loading {flag_values.model}"):
        predictor = Predictor(flag_values.model, flag_values.batch_size, options)
    _, blocks = read_rows(flag_values, ("text",))
    counter, path = Counter("texts"), flag_values.output
    if path and path.endswith(".npy"):
        _write_array(predictor, blocks, path, counter)
    else:
        with open_output(path) as output:
            for texts, vectors in _embedded(predictor, blocks, counter):
                for text, vector in zip(texts, vectors.tolist(), strict=True):
                    row = {"text": text, "embedding": [round(value, 6) for value in vector]}
                    output.write(json.dumps(row, ensure_ascii=False) + "\n")
                output.flush()
    counter.close()


def _embedded(predictor, blocks, counter: Counter):
    step = 16 * predictor.batch_size
    for rows in blocks:
        texts = [row[0] for row in rows]
        for begin in range(0, len(texts), step):
            part = texts[begin : begin + step]
            yield part, predictor.embed(part)
            counter.add(len(part))


def _write_array(predictor, blocks, path: str, counter: Counter) -> None:
    import numpy as np

    from kortf import files

    parts = [vectors for _, vectors in _embedded(predictor, blocks, counter)]
    with files.write_beside(path, "wb") as file:
        np.save(file, np.concatenate(parts) if parts else np.zeros((0, 0), np.float32))
