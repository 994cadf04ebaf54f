import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from scipy.stats import gmean

from kerasreg.checks import InvalidInput
from kerasreg.experiments import chain_gradients
from kerasreg.intervals import geometric_interval
from tests.helpers.depth_records import small_record

NOTHING = "The record has no gradient that is finite and not 0, so there is nothing to draw."


def axes_of(rows, columns):
    return Figure(layout="constrained").subplots(rows, columns, squeeze=False, sharex=True, sharey=True)


def labels(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


@pytest.mark.parametrize("what", ["bias_gradients", "weight_gradients"])
def test_each_neuron_has_its_geometric_mean_in_its_interval(ax, what):
    record = chain_gradients(3, iterations=10, repeats=4)
    assert record.plot(ax, what=what) is ax
    values = np.abs(getattr(record, what))
    bands = [each for each in ax.collections if isinstance(each, PolyCollection)]
    for neuron in range(3):
        np.testing.assert_allclose(ax.lines[neuron].get_ydata(), gmean(values[..., neuron], axis=0))
        assert list(ax.lines[neuron].get_xdata()) == list(record.iterations)
        corners = bands[neuron].get_paths()[0].vertices
        first = corners[corners[:, 0] == 0, 1]
        assert (first.min(), first.max()) == pytest.approx(geometric_interval(values[:, 0, neuron])[1:])
    named = ["neuron 1 (first)", "neuron 2", "neuron 3"]
    if what == "bias_gradients":
        dashed = [line for line in ax.lines if line.get_linestyle() == "--" and len(line.get_xdata())]
        np.testing.assert_allclose(dashed[0].get_ydata(), gmean(record.bounds[..., 0], axis=0))
        named.append("its bound")
    assert labels(ax) == named
    assert (ax.get_xscale(), ax.get_yscale(), ax.get_xlabel()) == ("symlog", "log", "iteration")
    assert ax.get_ylabel() == f"|dC/d{what[0]}|"


def test_a_wide_interval_of_few_chains_does_not_flatten_the_lines(ax):
    record = chain_gradients(activation="relu", iterations=300)
    record.plot(ax)
    drawn = np.concatenate([line.get_ydata() for line in ax.lines])
    drawn = drawn[np.isfinite(drawn)]
    assert ax.get_ylim() == pytest.approx((drawn.min() / 5, drawn.max() * 5))


def test_each_panel_has_the_norm_by_layer_of_its_kind_a_line_for_each_epoch():
    record = small_record()
    axes = axes_of(2, 4)
    assert record.plot_layers(axes) is axes
    norms = record.layer_norms((3, "relu", None, "he_normal"))
    for place, label in enumerate(("before training", "epoch 1", "epoch 5")):
        line = axes[1, 1].lines[place]
        assert line.get_label() == label
        assert list(line.get_xdata()) == [1, 2, 3, 4]
        np.testing.assert_allclose(line.get_ydata(), gmean(norms[:, place], axis=0))
    assert np.isfinite(axes[1, 3].lines[2].get_ydata()).all()  # of the one repeat that was trained to the end
    assert [each.get_title() for each in axes[0]] == [
        "no normalization\nglorot uniform",
        "no normalization\nhe normal",
        "batch norm.\nglorot uniform",
        "batch norm.\nhe normal",
    ]
    assert [each.get_ylabel() for each in axes[:, 0]] == ["sigmoid\ngradient norm", "relu\ngradient norm"]
    assert (axes[1, 0].get_xlabel(), axes[1, 0].get_yscale()) == ("layer", "log")
    shallow = record.plot_layers(axes_of(2, 4), depth=1)
    assert list(shallow[0, 0].lines[0].get_xdata()) == [1, 2]


def test_each_network_is_a_point_of_its_gradient_and_error(ax):
    record = small_record()
    assert record.plot_errors(ax, part="train") is ax
    points = [line for line in ax.lines if len(line.get_xdata()) and line.get_linestyle() == "None"]
    for line, kind in zip(points, record.kinds(3), strict=True):
        usable = np.isfinite(record.errors(kind, "train"))
        np.testing.assert_allclose(line.get_xdata(), record.layer_norms(kind)[usable, 0, 0])
        np.testing.assert_allclose(line.get_ydata(), record.errors(kind, "train")[usable])
        assert (line.get_markerfacecolor() == "none") == (kind[2] is None)
    assert labels(ax) == ["sigmoid", "relu", "glorot uniform", "he normal", "filled: batch norm."]
    assert ax.get_ylabel() == "training error after 5 epochs"
    assert ax.get_xlabel() == "gradient norm in the first of 3 hidden layers before training"


def test_what_cannot_be_drawn_is_refused(ax):
    record = small_record()
    nothing = replace(record, norms=np.full_like(record.norms, np.nan))
    chain = chain_gradients(2, iterations=1, repeats=2)
    cases = [
        (lambda: replace(chain, bias_gradients=chain.bounds * 0).plot(ax), NOTHING),
        (lambda: nothing.plot_layers(axes_of(2, 4)), NOTHING),
        (
            lambda: nothing.plot_errors(ax),
            "The record has no network with a finite norm and error, so there is nothing to draw.",
        ),
        (
            lambda: record.plot_layers(axes_of(1, 2)),
            "axes must be an array of 2 by 4 Axes, activations by normalizations and initializers; "
            "received one of shape (1, 2).",
        ),
        (lambda: record.plot_layers(depth=2), "depth must be one of 1, 3; received 2."),
        (
            lambda: chain.plot(ax, what="bounds"),
            "what must be one of 'bias_gradients', 'weight_gradients'; received 'bounds'.",
        ),
    ]
    for draw, message in cases:
        with pytest.raises(InvalidInput, match=f"^{re.escape(message)}$"):
            draw()
