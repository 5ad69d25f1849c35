"""The MLflow run of a sweep, whose children are the runs of its trials."""

import os

from kortf import files
from kortf.train.tracking.mlflow_tracker import MlflowTracker

_RESULTS = ("sweep.json", "sweep.md")


class MlflowParent(MlflowTracker):
    """A run without metrics of its own, that gets the table of a sweep at its end.

    Attributes:
        run_id: Id of the run, for its children; after `__enter__`.
    """

    run_id: str

    def __enter__(self) -> "MlflowParent":
        with self._starting():
            files.makedirs(self.workdir)
            self._run = self._former_run() or self._new_run()
        self.run_id = self._run.info.run_id
        return self

    def end(self, status: str) -> None:
        """Send the table; a failure is a warning."""
        try:
            for name in _RESULTS:
                if files.exists(os.path.join(self.workdir, name)):
                    self._log_file(name)
            self._client.set_terminated(self.run_id, status)
        except Exception as error:  # the trials are done, and must not be lost by this
            print(f"warning: MLflow misses the table of this sweep ({error})")
