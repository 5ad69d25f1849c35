"""KLUE-WoS (Wizard of Seoul): the state of a dialogue on sights, hotels, restaurants and travel.

Files: `wos-v1.1_train.json` (8,000 dialogues), `wos-v1.1_dev.json` (1,000): a JSON array of
dialogues; each turn of the user has the state so far, as `domain-slot-value`. A turn of the user is
an example. KLUE's baseline is TRADE, which generates values; here an encoder chooses among the
values of the train part, with no decoder. The labels of the test part are not published: the dev
part is scored, and a held-out share of the train file chooses the epoch.
Source: github.com/KLUE-benchmark/KLUE, CC BY-SA 4.0; Park et al., "KLUE", 2021.
"""

from collections.abc import Iterator

from kortf.errors import InputError
from kortf.tasks.kinds.dialogue_state import DialogueStateTask
from kortf.tasks.readers.table import read_json_array

USER, SYSTEM = "user", "sys"
BETWEEN = " | "  # between utterances
_CURE = "fetch the file again"


class KlueWos(DialogueStateTask):
    """KLUE-WoS, scored by joint goal accuracy and KLUE's slot micro F1.

    Args:
        settings: As in `DialogueStateTask`.
    """

    name = "klue_wos"
    train_file = "wos-v1.1_train.json"
    test_file = "wos-v1.1_dev.json"
    columns = ("guid", "dialogue")
    note = "the labels of the test part are not published: the dev part was scored"

    def rows(self, path: str) -> Iterator[tuple]:
        for place, dialogue in read_json_array(path, self.columns):
            if isinstance(dialogue, InputError):
                yield place, dialogue
            elif not isinstance(dialogue["dialogue"], list):
                yield place, InputError(place, "field 'dialogue' is not a list", _CURE)
            else:
                yield from _turns(dialogue, place)

    def example(self, row: tuple[str, list[str], dict], place: str) -> dict:
        key, before, turn = row
        state = turn.get("state")
        if not isinstance(state, list) or not all(isinstance(name, str) for name in state):
            raise InputError(place, "a turn of the user has no list 'state'", _CURE)
        for name in state:
            if name.count("-") < 2:
                problem = f"expected domain-slot-value, got '{name}'"
                raise InputError(place, problem, _CURE)
        current = [*before[-1:], turn["text"]]
        history = before[-2::-1]  # the newest first
        return {
            "id": key,
            "turn": BETWEEN.join(current),
            "history": BETWEEN.join(history),
            "state": state,
        }


def _turns(dialogue: dict, place: str) -> Iterator[tuple]:
    """Yield the turns of the user, each with the utterances before it."""
    before: list[str] = []
    number = 0
    for position, turn in enumerate(dialogue["dialogue"], start=1):
        where = f"{place}, turn {position}"
        role, text = (
            turn.get(name) if isinstance(turn, dict) else None for name in ("role", "text")
        )
        if role not in (USER, SYSTEM) or not isinstance(text, str):
            yield where, InputError(where, "has no 'role' or no 'text'", _CURE)
            return
        if role == USER:
            yield where, (f"{dialogue['guid']}-{number}", list(before), turn)
            number += 1
        before.append(text)
