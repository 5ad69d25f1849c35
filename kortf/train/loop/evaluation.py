"""The evaluation hook: score held-out examples, keep the best step."""

from collections.abc import Callable

from kortf.train.loop.health.signals import Abandoned
from kortf.train.loop.run import Run

Values = dict[str, float]


def evaluation_hook(
    evaluate: Callable[[], Values],
    quality: Callable[[Values], float],
    patience: int = 0,
    keep_best: int = 1,
    judge: Callable[[Run, float], None] | None = None,
) -> Callable[[Run], None]:
    """Return a hook that evaluates, reports, and saves a checkpoint of a new best step.

    A signal gives the evaluation up; it is made when the run continues.

    Args:
        evaluate: Gives the metrics of held-out examples.
        quality: Maps the metrics to a number; higher is better.
        patience: Evaluations in a row without a new best one after which the run ends; 0 for no
            early end.
        keep_best: Number of best steps whose checkpoints are kept.
        judge: Called with the run and the quality; may end the run.
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
        value, best = quality(values), run.state.best_step
        entered = run.state.enter(value, keep_best)
        if patience:
            waited = 0 if run.state.best_step != best else run.state.notes.get("waited", 0) + 1
            run.state.notes["waited"] = waited
            run.touch()
            if waited >= patience:
                run.end(f"no better evaluation among the last {patience}")
        if judge is not None:
            judge(run, value)
        if entered:
            run.touch()
            run.save()

    return hook
