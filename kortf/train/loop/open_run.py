"""Open a work directory: start a run in it, or continue the one that it has."""

import json
import os

from kortf.locks import lock
from kortf.train.assembly import make_checkpoints
from kortf.train.loop.checkpoint import RunState
from kortf.train.loop.devices.cluster import Cluster
from kortf.train.loop.devices.placement import Placement
from kortf.train.loop.health.silence import Silence
from kortf.train.loop.progress import Progress
from kortf.train.loop.run import Run
from kortf.train.loop.step import Trainer
from kortf.train.settings.identity import Identity, record_identity
from kortf.train.tracking.tracker import Tracker


def open_run(
    workdir: str,
    trainer: Trainer,
    identity: Identity,
    steps: int,
    placement: Placement,
    tracker: Tracker | None = None,
) -> Run:
    """Lock a work directory and restore its newest checkpoint.

    Called once everything is built: a config that cannot be built must not claim the directory.

    Args:
        workdir: Work directory.
        trainer: Trainer of the run.
        identity: Config and inputs, which must be those of the run that is there.
        steps: Steps of the whole run.
        placement: Where the run takes place.
        tracker: Tracking service that the run reports to.

    Raises:
        InputError: The directory belongs to another run, another process writes there, or the
            workers belong to different runs.
    """
    cluster = Cluster(trainer.strategy)
    if cluster.chief:
        lock(workdir)
        record_identity(os.path.join(workdir, "config.json"), identity)
    keep = identity.config.get("keep_checkpoints", 1)
    checkpoints = make_checkpoints(workdir, trainer, keep, cluster.chief)
    state = checkpoints.restore_latest() or RunState()
    whole = json.dumps([identity.config, identity.inputs], sort_keys=True)
    cluster.check_agreement(state.step, whole, workdir)
    report = Progress if cluster.chief else Silence
    progress = report(workdir, steps, state.step, tracker)
    run = Run(trainer, checkpoints, progress, state, steps, cluster)
    run.steps_per_loop = placement.steps_per_loop
    _compare_replicas(run)
    return run


def _compare_replicas(run: Run) -> None:
    now = run.trainer.strategy.num_replicas_in_sync
    before = run.state.notes.get("replicas", now)
    if before != now:
        run.progress.say(
            f"{now} replica(s) now, {before} up to step {run.state.step:,}: the batches stay the "
            "same, sums are rounded in another order"
        )
    run.state.notes["replicas"] = now
