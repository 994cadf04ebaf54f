import pytest

from kerasreg.experiments import DuplicateHarm
from kerasreg.records import FoldScores
from tests.helpers.drawn import line


def folds_of(scores, metric="mse"):
    count = len(scores)
    return FoldScores(
        metric=metric, scores=tuple(scores), train_rows=(20,) * count, validation_rows=(10,) * count
    )


def test_folds_stand_beside_the_truth(ax):
    across, grouped = folds_of((0.9, 0.92, 0.94), "accuracy"), folds_of((0.7, 0.75, 0.8), "accuracy")
    result = DuplicateHarm(across=across, grouped=grouped, truths=(0.74, 0.76), mode="max", groups=9, rows=30)
    result.plot(ax)
    assert list(line(ax, "test rows").get_ydata()) == pytest.approx([0.75, 0.75])
    assert line(ax, "fold").get_ydata() == pytest.approx(across.scores)
    assert [bars.lines[0].get_ydata()[0] for bars in ax.containers] == pytest.approx([0.92, 0.75])
    assert ax.yaxis.get_major_formatter()(0.75, 0) == "75 %"
