"""The evaluation hook: score held-out examples, keep the best step."""

from collections.abc import Callable

from kortf.train.loop.run import Run
from kortf.train.loop.signals import Abandoned

Values = dict[str, float]


def evaluation_hook(
    evaluate: Callable[[], Values], quality: Callable[[Values], float]
) -> Callable[[Run], None]:
    """Return a hook that evaluates, reports, and saves a checkpoint of a new best step.

    A signal gives the evaluation up; it is made when the run continues.

    Args:
        evaluate: Gives the metrics of held-out examples.
        quality: Maps the metrics to a number; higher is better.
    """

    def hook(run: Run) -> None:
        run.progress.live("evaluating")
        try:
            with run.trainer.optimizer.averaged(), run.abandonable():
                values = evaluate()
        except Abandoned:
            run.state.notes["hooks_due"] = True
            run.touch()
            return
        run.progress.evaluation(run.state.step, values)
        value = quality(values)
        if run.state.best_step < 0 or value > run.state.best_value:
            run.state.best_step, run.state.best_value = run.state.step, value
            run.touch()
            run.save()

    return hook
