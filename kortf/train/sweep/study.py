"""The trials of a sweep in Optuna's storage."""

import os
from collections.abc import Mapping
from typing import Any

from kortf.errors import InputError
from kortf.train.sweep.space import Dimension

JOURNAL = "sweep.journal"


class Study:
    """The trials of a sweep, kept in its work directory.

    Args:
        workdir: Work directory of the sweep.
        space: Dimensions by key.
        seed: Seed of the values.
        startup: Trials of random values before the sampler learns from them, and before pruning.

    Raises:
        InputError: Optuna is not installed.
    """

    def __init__(self, workdir: str, space: Mapping[str, Dimension], seed: int, startup: int):
        try:
            import optuna
        except ImportError as error:
            problem = f"Optuna cannot be imported ({error})"
            raise InputError("kortf sweep", problem, "pip install 'kortf[sweep]'") from error
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._optuna = optuna
        self._space = space
        self._seed = seed
        self._startup = startup
        backend = optuna.storages.journal.JournalFileBackend(os.path.join(workdir, JOURNAL))
        self._study = optuna.create_study(
            storage=optuna.storages.JournalStorage(backend),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=startup),
            study_name="kortf",
            direction="maximize",
            load_if_exists=True,
        )

    def next(self, trials: int):
        """Return the trial that was interrupted, or a new one; None when there are enough.

        The values of a trial are a function of the seed, its number and the trials before it.

        Args:
            trials: Number of trials of the sweep.
        """
        known = self._study.get_trials(deepcopy=False)
        for each in known:
            if each.state == self._optuna.trial.TrialState.RUNNING:
                return self._optuna.trial.Trial(self._study, each._trial_id)
        if len(known) >= trials:
            return None
        # One for each trial: nothing depends on where a sweep was interrupted.
        seed = (self._seed * 100_003 + len(known)) % 2**32
        make = self._optuna.samplers.TPESampler
        self._study.sampler = make(seed=seed, n_startup_trials=self._startup)
        return self._study.ask()

    def values(self, trial) -> dict[str, Any]:
        """Return the value of each key of a trial."""
        return {key: dimension.suggest(trial, key) for key, dimension in self._space.items()}

    def tell(self, number: int, state: str, dev: float | None = None) -> None:
        """Record the end of a trial.

        Args:
            number: Number of the trial.
            state: `complete`, `pruned` or `fail`.
            dev: Quality of the dev part, of a complete trial.
        """
        self._study.tell(number, dev, state=self._optuna.trial.TrialState[state.upper()])

    def best(self) -> int | None:
        """Return the number of the best complete trial; of equal ones, the first."""
        rows = [row for row in self.rows() if row["state"] == "complete"]
        return max(rows, key=lambda row: (row["dev"], -row["trial"]))["trial"] if rows else None

    def rows(self) -> list[dict[str, Any]]:
        """Return `trial`, `state`, `dev` (None where there is none) and `values` of each trial."""
        return [
            {
                "trial": each.number,
                "state": each.state.name.lower(),
                "dev": max(
                    [*each.intermediate_values.values(), *(each.values or ())], default=None
                ),
                "values": dict(each.params),
            }
            for each in self._study.get_trials(deepcopy=False)
        ]
