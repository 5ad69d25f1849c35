"""The hooks that report an interval of training and look for faults in it."""

from collections.abc import Callable

from kortf.train.loop.health.health import Watch
from kortf.train.loop.run import Run


def log_metrics(run: Run) -> None:
    """Report the metrics of the interval; a hook."""
    interval = run.interval
    totals = dict(interval.totals)
    if not interval.steps:
        return
    tokens, places = (float(totals.pop(name)[0]) for name in ("real_tokens", "places"))
    values = {name: value for name, value in interval.means().items() if name in totals}
    run.progress.train(
        run.state.step, values, interval.seconds, interval.steps, tokens, places
    )  # fmt: skip


def health_hook(watch: Watch) -> Callable[[Run], None]:
    """Return a hook that warns of the faults which a watch finds in an interval."""

    def hook(run: Run) -> None:
        if run.interval.steps:
            for kind, text in watch.look(run.state.step, run.interval.totals).items():
                run.progress.warn(run.state.step, kind, text)

    return hook
