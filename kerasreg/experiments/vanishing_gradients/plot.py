"""Figures of vanishing gradients in chains and in deep networks."""

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, NullLocator, PercentFormatter

from kerasreg.checks import InvalidInput, check_one_of
from kerasreg.experiments.vanishing_gradients.chain_record import ChainGradients
from kerasreg.experiments.vanishing_gradients.record import PARTS, DepthGradients
from kerasreg.intervals import geometric_interval
from kerasreg.plotting.axes import GRAY, TRIAL_COLORS, add_legend, clean_axes

_MARKERS = "osD^vP"
_WORDS = {"train": "training", "validation": "validation"}


def draw_chain(record: ChainGradients, ax: Axes | None = None, *, what: str = "bias_gradients") -> Axes:
    """Draws `ChainGradients.plot`."""
    check_one_of("what", what, ("bias_gradients", "weight_gradients"))
    mean, low, high = record.magnitudes(what)
    _check_drawable(mean)
    ax = clean_axes(ax)
    # One hue after another from dark to light: the neurons are an ordered series, not categories.
    colors = matplotlib.colormaps["viridis"](np.linspace(0, 0.86, record.length))
    for neuron, color in enumerate(colors):
        name = f"neuron {neuron + 1}" + (" (first)" if not neuron else "")
        ax.plot(record.iterations, mean[:, neuron], color=color, linewidth=2, label=name)
        ax.fill_between(
            record.iterations, low[:, neuron], high[:, neuron], color=color, alpha=0.18, linewidth=0
        )
    if what == "bias_gradients":
        bounds = record.magnitudes("bounds")[0]
        for neuron, color in enumerate(colors):
            style = {"color": color, "linewidth": 1.1, "linestyle": (0, (4, 2))}
            ax.plot(record.iterations, bounds[:, neuron], **style)
        ax.plot([], [], color=GRAY, linewidth=1.1, linestyle=(0, (4, 2)), label="its bound")
    ax.set_yscale("log")
    drawn = np.concatenate([line.get_ydata() for line in ax.lines])
    drawn = drawn[np.isfinite(drawn) & (drawn > 0)]
    ax.set_ylim(drawn.min() / 5, drawn.max() * 5)  # the interval of a few chains may span a hundred decades
    ax.set_xscale("symlog", linthresh=1, linscale=0.4)
    ax.set_xlim(0, record.iterations[-1])
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.set_xlabel("iteration")
    ax.set_ylabel(f"|dC/d{'b' if what == 'bias_gradients' else 'w'}|")
    add_legend(ax)
    return ax


def draw_layers(
    record: DepthGradients, axes: np.ndarray | None = None, *, depth: int | None = None
) -> np.ndarray:
    """Draws `DepthGradients.plot_layers`."""
    depth = check_one_of("depth", record.depths[-1] if depth is None else depth, record.depths)
    columns = [(norm, initial) for norm in record.normalizations for initial in record.initializers]
    shape = (len(record.activations), len(columns))
    if axes is None:
        from matplotlib import pyplot  # only here: its figures are global, and not everyone wants that

        size = (0.8 + 1.55 * shape[1], 1.1 + 1.75 * shape[0])
        axes = pyplot.subplots(
            *shape, figsize=size, sharex=True, sharey=True, squeeze=False, layout="constrained"
        )[1]
    axes = np.asarray(axes)
    if axes.shape != shape:
        raise InvalidInput(
            f"axes must be an array of {shape[0]} by {shape[1]} Axes, activations by normalizations and "
            f"initializers; received one of shape {axes.shape}."
        )
    _check_drawable(np.stack([record.layer_norms(kind) for kind in record.kinds(depth)]))
    colors = matplotlib.colormaps["viridis"](np.linspace(0, 0.86, len(record.epochs)))
    layers = np.arange(1, depth + 2)
    for (row, activation), (column, (norm, initial)) in (
        (first, second) for first in enumerate(record.activations) for second in enumerate(columns)
    ):
        ax = clean_axes(axes[row, column])
        norms = record.layer_norms((depth, activation, norm, initial))
        for place, (epoch, color) in enumerate(zip(record.epochs, colors, strict=True)):
            drawn = [geometric_interval(norms[:, place, layer]) for layer in range(depth + 1)]
            mean, low, high = np.array(drawn).T
            label = f"epoch {epoch}" if epoch else "before training"
            ax.plot(layers, mean, color=color, linewidth=1.5, marker="o", markersize=2.5, label=label)
            ax.fill_between(layers, low, high, color=color, alpha=0.15, linewidth=0)
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(numticks=6))
        ax.yaxis.set_minor_locator(NullLocator())
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
        if row == 0:
            ax.set_title(f"{_words(norm)}\n{_words(initial)}", fontsize="small", parse_math=False)
        if column == 0:
            ax.set_ylabel(f"{activation}\ngradient norm", fontsize="small", parse_math=False)
        if row == shape[0] - 1:
            ax.set_xlabel("layer", fontsize="small")
        ax.tick_params(labelsize="small")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    axes[0, 0].figure.legend(
        handles, labels, loc="outside lower center", ncols=6, frameon=False, fontsize="small"
    )
    return axes


def draw_errors(record: DepthGradients, ax: Axes | None = None, *, part: str = "validation") -> Axes:
    """Draws `DepthGradients.plot_errors`."""
    check_one_of("part", part, PARTS)
    ax = clean_axes(ax)
    colors = dict(zip(record.activations, TRIAL_COLORS, strict=False))
    markers = dict(zip(record.initializers, _MARKERS, strict=False))
    any_drawn = False
    for kind in record.kinds(record.depths[-1]):
        _, activation, normalization, initializer = kind
        norms, errors = record.layer_norms(kind)[:, 0, 0], record.errors(kind, part)
        usable = np.isfinite(norms) & (norms > 0) & np.isfinite(errors)
        any_drawn |= usable.any()
        color = colors.get(activation, GRAY)
        ax.plot(
            norms[usable],
            errors[usable],
            linestyle="none",
            marker=markers.get(initializer, "o"),
            markersize=6,
            color=color,
            markerfacecolor=color if normalization else "none",
            alpha=0.75,
        )
    if not any_drawn:
        raise InvalidInput(
            "The record has no network with a finite norm and error, so there is nothing to draw."
        )
    return _with_key(ax, record, colors, markers, part)


def _with_key(ax: Axes, record: DepthGradients, colors: dict, markers: dict, part: str) -> Axes:
    for activation, color in colors.items():
        ax.plot([], [], linestyle="none", marker="o", color=color, label=activation)
    for initializer, marker in markers.items():
        style = {"linestyle": "none", "marker": marker, "color": GRAY, "markerfacecolor": "none"}
        ax.plot([], [], label=_words(initializer), **style)
    if len(record.normalizations) > 1:
        named = [norm for norm in record.normalizations if norm]
        ax.plot([], [], linestyle="none", marker="o", color=GRAY, label=f"filled: {' or '.join(named)} norm.")
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(numticks=8))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    layers = f"first of {record.depths[-1]} hidden layers" if record.depths[-1] > 1 else "hidden layer"
    ax.set_xlabel(f"gradient norm in the {layers} before training")
    ax.set_ylabel(f"{_WORDS[part]} error after {record.epochs[-1]} epochs")
    add_legend(ax)
    return ax


def _words(name: str | None) -> str:
    """Returns the name of a normalization or an initializer in figures."""
    names = {None: "no normalization", "batch": "batch norm.", "layer": "layer norm."}
    return names.get(name, str(name).replace("_", " "))


def _check_drawable(values: np.ndarray) -> None:
    if not (np.isfinite(values) & (values != 0)).any():
        raise InvalidInput(
            "The record has no gradient that is finite and not 0, so there is nothing to draw."
        )
