"""Figures of filtered pictures, and of the kernels, maps and parameters of a network."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from kerasreg.checks import InvalidInput, check_one_of, check_whole_number
from kerasreg.experiments.convolution.layers_record import FeatureMaps, ParameterTable, PoolingExample
from kerasreg.experiments.convolution.record import Commutation, FilterComparison
from kerasreg.plotting.axes import BLUE, GRAY, ORANGE, clean_axes
from kerasreg.plotting.gray_pictures import picture_panels, show


def draw_filtered(
    record: FilterComparison, axes: Sequence[Axes] | None = None, *, boundary: str | None = None
) -> list[Axes]:
    """Draws `FilterComparison.plot_filtered`."""
    axes = picture_panels(1 + len(record.kernels), axes, columns=3, shape=record.picture.shape, width=3.2)
    ends = (record.picture.min(), record.picture.max())
    show(axes[0], record.picture, record.data, ends=ends)
    for ax, kernel, total in zip(axes[1:], record.kernels, record.sums, strict=True):
        values = record.result(kernel, boundary)
        keeps, changes = abs(total - 1) < 1e-9, abs(total) < 1e-9
        signed = changes and values.min() < 0
        show(ax, values, _words(kernel), signed=bool(signed), ends=ends if keeps else None)
    return axes


def draw_boundaries(
    record: FilterComparison,
    axes: Sequence[Axes] | None = None,
    *,
    kernel: str | None = None,
    corner: int = 40,
) -> list[Axes]:
    """Draws `FilterComparison.plot_boundaries`."""
    check_whole_number("corner", corner)
    kernel = record.kernels[int(np.argmax(record.reach))] if kernel is None else kernel
    corners = [record.result(kernel, boundary)[:corner, :corner] for boundary in record.boundaries]
    axes = picture_panels(len(corners), axes, columns=5, shape=corners[0].shape)
    ends = min(map(np.min, corners)), max(map(np.max, corners))
    reach = record.reach[record.kernels.index(kernel)]
    for ax, boundary, values in zip(axes, record.boundaries, corners, strict=True):
        show(ax, values, boundary, ends=ends)
        _frame(ax, reach)
    axes[0].set_ylabel(_words(kernel), fontsize="small")
    return axes


def draw_commutation(record: Commutation, axes: Sequence[Axes] | None = None) -> list[Axes]:
    """Draws `Commutation.plot`."""
    first, second = map(_words, record.kernels)
    axes = picture_panels(3, axes, columns=3, shape=record.picture.shape, width=3.2)
    largest = record.differences(interior=False)["other order"]
    corner = 6 * record.margin
    pictures = {
        f"{first}, then {second}": record.forth,
        f"{second}, then {first}": record.back,
        f"difference, up to {largest:.2g}": (record.forth - record.back)[:corner, :corner],
    }
    for ax, (title, values) in zip(axes, pictures.items(), strict=True):
        show(ax, values, title, signed=True)
    # The narrower range, so that the strong border of one order does not hide the picture.
    low, high = min((ax.images[0].get_clim() for ax in axes[:2]), key=lambda ends: ends[1])
    for ax in axes[:2]:
        ax.images[0].set_clim(low, high)
    _frame(axes[2], record.margin)
    return axes


def draw_kernels(record: FeatureMaps, axes: Sequence[Axes] | None = None, *, channel: int = 0) -> list[Axes]:
    """Draws `FeatureMaps.plot_kernels`."""
    check_one_of("channel", channel, tuple(range(record.kernels.shape[2])))
    kernels = np.moveaxis(record.kernels[:, :, channel], -1, 0)
    axes = picture_panels(len(kernels), axes, columns=8, shape=kernels.shape[1:], width=1.0)
    largest = float(np.abs(kernels).max())
    for number, (ax, kernel) in enumerate(zip(axes, kernels, strict=True)):
        show(ax, kernel, str(number), signed=True)
        ax.images[0].set_clim(-largest, largest)
    return axes


def draw_maps(
    record: FeatureMaps, axes: np.ndarray | None = None, *, picture: int = 0, max_maps: int = 8
) -> np.ndarray:
    """Draws `FeatureMaps.plot_maps`."""
    stages = list(record.maps)
    if axes is None:
        from matplotlib import pyplot  # only here: its figures are global, and not everyone wants that

        columns = min(
            check_whole_number("max_maps", max_maps), max(maps.shape[-1] for maps in record.maps.values())
        )
        figure = pyplot.figure(figsize=(1.0 * columns + 0.6, 1.08 * len(stages)), layout="constrained")
        axes = figure.subplots(len(stages), columns, squeeze=False)
    axes = np.asarray(axes)
    if axes.ndim != 2 or len(axes) != len(stages):
        raise InvalidInput(f"axes must have shape ({len(stages)}, columns); received shape {axes.shape}.")
    for row, stage in zip(axes, stages, strict=True):
        maps = record.of(stage, picture)
        for number, ax in enumerate(row):
            if number < len(maps):
                show(ax, maps[number])
            else:
                ax.set_axis_off()
        height, width = maps.shape[1:]
        row[0].set_ylabel(f"{stage}\n{height} x {width}".replace("_pooling", "\npooling"), fontsize="x-small")
    axes[0, 0].figure.suptitle(f"feature maps of {record.labels[picture]}", fontsize="small")
    return axes


def draw_pooling(record: PoolingExample, axes: Sequence[Axes] | None = None) -> list[Axes]:
    """Draws `PoolingExample.plot`."""
    axes = picture_panels(3, axes, columns=3, shape=record.picture.shape, width=3.0)
    ends = (float(record.picture.min()), float(record.picture.max()))
    titles = {"picture": record.picture, "max pooling": record.maximum, "average pooling": record.average}
    for ax, (title, values) in zip(axes, titles.items(), strict=True):
        show(ax, values, f"{title}, {values.shape[0]} x {values.shape[1]}", ends=ends)
    return axes


def draw_parameters(table: ParameterTable, ax: Axes | None = None) -> Axes:
    """Draws `ParameterTable.plot`."""
    rows = [row for row in table.layers if row.parameters]
    if not rows:
        raise InvalidInput(f"{table.model} has no parameters, so there is nothing to draw.")
    ax = clean_axes(ax)
    kinds = {"Conv2D": BLUE, "Dense": ORANGE}  # ends of the names of classes
    colors = [next((color for end, color in kinds.items() if row.kind.endswith(end)), GRAY) for row in rows]
    places = np.arange(len(rows))
    counts = [row.parameters for row in rows]
    ax.barh(places, counts, color=colors)
    for place, count in zip(places, counts, strict=True):
        ax.annotate(f"{count:,}", (count, place), (4, 0), textcoords="offset points", va="center", fontsize=8)
    names = [f"{row.layer}\n{' x '.join(map(str, row.output_shape))}" for row in rows]
    ax.set_yticks(places, names, fontsize=8)
    ax.invert_yaxis()
    ax.set_xlim(0, max(counts) * 1.2)  # room for the longest number
    # So that numbers of six digits fit side by side in a narrow picture
    ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.xaxis.set_major_formatter(lambda count, _: f"{count:,.0f}")
    ax.set_xlabel("parameters")
    ax.set_title(f"{table.model}: {table.total:,} parameters", loc="left", fontsize="small")
    return ax


def _frame(ax: Axes, reach: int) -> None:
    """Frames the pixels from `reach` pixels off the upper and left border on."""
    height, width = ax.images[0].get_array().shape
    corner = (reach - 0.5, reach - 0.5)
    ax.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=ORANGE, linewidth=1.4))


def _words(kernel: str) -> str:
    """Returns the name of a kernel as a title: `"box_5"` becomes `"box 5"`."""
    return kernel.replace("_", " ")
