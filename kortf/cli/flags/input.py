"""Flags of the verbs that read raw text."""

from absl import flags, logging

from kortf import files
from kortf.data.corpus.encoding import ENCODINGS
from kortf.data.corpus.recognition import AUTO, format_names
from kortf.data.corpus.text_file import TextFile

# Files beside the Arrow files of `datasets.save_to_disk`, which hold no text.
_DATASET_FILES = ("dataset_info.json", "state.json", "dataset_dict.json")


def define_input(flag_values: flags.FlagValues) -> None:
    """Define `--input` and the flags that say how to read it."""
    of = {"flag_values": flag_values}
    flags.DEFINE_list(
        "input",
        None,
        "files, directories or globs of raw text, which may be compressed or in archives; "
        "- is standard input",
        **of,
    )
    flags.DEFINE_string(
        "format",
        AUTO,
        f"format of the input: {', '.join(format_names())}, or the dotted path of a reader's "
        f"module; {AUTO} recognises each file by its content",
        **of,
    )
    flags.DEFINE_list(
        "text_fields", [], "fields or columns that hold the text; 'text' by default", **of
    )
    define_encoding(flag_values)
    flags.DEFINE_bool(
        "skip_bad_rows", False, "skip rows that cannot be read; they are counted", **of
    )


def define_task_input(flag_values: flags.FlagValues) -> None:
    """Define the flags by which the files of a task are read."""
    of = {"flag_values": flag_values}
    flags.DEFINE_boolean(
        "skip_bad_rows", False, "skip rows that cannot be read, and name them in eval.json", **of
    )
    flags.DEFINE_boolean(
        "allow_unknown", False, "continue although more than half of the pieces are [UNK]", **of
    )
    define_encoding(flag_values)


def define_encoding(flag_values: flags.FlagValues) -> None:
    """Define `--encoding`."""
    text = f"encoding of the input: {', '.join(ENCODINGS)}"
    flags.DEFINE_string("encoding", "utf-8", text, flag_values=flag_values)


def open_input(flag_values: flags.FlagValues) -> list[TextFile]:
    """Return the files that the flags name, with their formats.

    Raises:
        InputError: There is no such file, or one is of no known format.
    """

    def detect(path: str) -> TextFile:
        return TextFile.detect(
            path,
            flag_values.format,
            flag_values.text_fields,
            flag_values.encoding,
            flag_values.skip_bad_rows,
        )

    paths = _without_dataset_files(files.expand(flag_values.input or []))
    text_files = files.each(detect, paths, str)
    if flag_values.encoding == AUTO:
        for file in text_files:
            if file.encoding != "utf-8":
                logging.info("%s: read as %s", file.path, file.encoding)
    return text_files


def describe_skipped(bad_rows: dict) -> list[str]:
    """Return the lines of a summary about rows and documents that were left out.

    Args:
        bad_rows: Result of `BadRows.to_json`, or parts of it.
    """
    left_out = bad_rows.get("left_out", {})
    lines = [f"left out: {number:,} {what}" for what, number in left_out.items()]
    if bad_rows.get("count"):
        lines.append(f"skipped: {bad_rows['count']:,} rows that cannot be read, such as")
        lines += [f"  {sample}" for sample in bad_rows["samples"]]
    return lines


def _without_dataset_files(paths: list[str]) -> list[str]:
    if not any(path.endswith(".arrow") for path in paths):
        return paths
    return [path for path in paths if path.replace("\\", "/").split("/")[-1] not in _DATASET_FILES]
