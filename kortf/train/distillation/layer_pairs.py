"""The layers of a student and a teacher that belong together."""

import re

from kortf.errors import InputError


def layer_pairs(text: str | None, student: int, teacher: int) -> list[tuple[int, int]]:
    """Return pairs of layers, counted from 0.

    Example:
        >>> layer_pairs(None, 3, 12)
        [(0, 3), (1, 7), (2, 11)]
        >>> layer_pairs("0:2,2:11", 3, 12)
        [(0, 2), (2, 11)]

    Args:
        text: `STUDENT:TEACHER,…`; None pairs each layer of the student with the last one of as many
            equal parts of the teacher.
        student: Number of the student's layers.
        teacher: Number of the teacher's layers.

    Raises:
        InputError: The text has another form, or there is no such layer.
    """
    if not text:
        return [(i, (i + 1) * teacher // student - 1) for i in range(student)]
    pairs = []
    for word in text.split(","):
        match = re.fullmatch(r"\s*(\d+):(\d+)\s*", word)
        pair = (int(match[1]), int(match[2])) if match else (student, teacher)
        if pair[0] >= student or pair[1] >= teacher:
            raise InputError(
                f"config.distillation.layers={text}",
                f"'{word}' is no pair of layers",
                f"write STUDENT:TEACHER,… with 0 to {student - 1} and 0 to {teacher - 1}",
            )
        pairs.append(pair)
    return pairs


def chosen_layers(text: str, layers: int) -> list[int]:
    """Return the layers that `config.student_layers` names, in ascending order.

    Example:
        >>> chosen_layers("0,2,5", 6)
        [0, 2, 5]

    Args:
        text: Numbers of layers from 0, commas between.
        layers: Number of layers that there are.

    Raises:
        InputError: A number is none of a layer, or they do not ascend.
    """
    words = [word.strip() for word in str(text).split(",")]
    numbers = [int(word) if word.isdecimal() else layers for word in words]
    ascending = all(a < b for a, b in zip(numbers, numbers[1:], strict=False))
    if not ascending or numbers[-1] >= layers:
        raise InputError(
            f"config.student_layers={text}",
            "names layers that are not there, or not in ascending order",
            f"write numbers from 0 to {layers - 1} with commas between, such as 0,{layers - 1}",
        )
    return numbers
