"""Pictures of kernels, feature maps, pooling and parameters: a record in, matplotlib Axes out."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from kerasreg.checks import InvalidInput, check_one_of, check_whole_number
from kerasreg.plotting.axes import BLUE, GREY, ORANGE, clean_axes
from kerasreg.plotting.grey_pictures import picture_panels, show
from kerasreg.records.feature_maps import FeatureMaps, PoolingExample
from kerasreg.records.layer_parameters import ParameterTable


def plot_kernels(record: FeatureMaps, channel: int = 0, axes: Sequence[Axes] | None = None) -> list[Axes]:
    """Draws the kernels of the first convolution, as they lie on the picture.

    Blue weights are below 0, red ones above it; all kernels have the same colours.

    Args:
        record: What `feature_maps` returned.
        channel: Which channel of the picture, counted from 0.
        axes: Where to draw, one for each filter; a new figure if `None`.

    Returns:
        The Axes, in the order of the filters.

    Raises:
        InvalidInput: If there is no such channel, or there are not as many Axes.
    """
    check_one_of("channel", channel, tuple(range(record.kernels.shape[2])))
    kernels = np.moveaxis(record.kernels[:, :, channel], -1, 0)
    axes = picture_panels(len(kernels), axes, columns=8, shape=kernels.shape[1:], width=1.0)
    largest = float(np.abs(kernels).max())
    for number, (ax, kernel) in enumerate(zip(axes, kernels, strict=True)):
        show(ax, kernel, str(number), signed=True)
        ax.images[0].set_clim(-largest, largest)
    return axes


def plot_feature_maps(
    record: FeatureMaps, picture: int = 0, axes: np.ndarray | None = None, *, most: int = 8
) -> np.ndarray:
    """Draws what the layers made of one picture, a row for each stage.

    Each map has its own grey levels, from black at its lowest to white at its highest value.

    Args:
        record: What `feature_maps` returned.
        picture: Which of its pictures, counted from 0.
        axes: Where to draw, of shape (stages, columns); a new figure if `None`.
        most: How many maps of each stage, from the first one, in a new figure.

    Returns:
        The Axes, shape (stages, columns); those that no map is left for are empty.

    Raises:
        InvalidInput: If there is no such picture, or there are not as many rows of Axes as stages.
    """
    stages = list(record.maps)
    if axes is None:
        from matplotlib import pyplot  # only here: its figures are global, and not everyone wants that

        columns = min(check_whole_number("most", most), max(maps.shape[-1] for maps in record.maps.values()))
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


def plot_pooling(record: PoolingExample, axes: Sequence[Axes] | None = None) -> list[Axes]:
    """Draws a picture, and it after max and after average pooling, in the same grey levels.

    Args:
        record: What `pooling_example` returned.
        axes: Where to draw, three of them; a new figure if `None`.

    Returns:
        The three Axes.

    Raises:
        InvalidInput: If there are not three Axes.
    """
    axes = picture_panels(3, axes, columns=3, shape=record.picture.shape, width=3.0)
    ends = (float(record.picture.min()), float(record.picture.max()))
    titles = {"picture": record.picture, "max pooling": record.largest, "average pooling": record.average}
    for ax, (title, values) in zip(axes, titles.items(), strict=True):
        show(ax, values, f"{title}, {values.shape[0]} x {values.shape[1]}", ends=ends)
    return axes


def plot_parameters(table: ParameterTable, ax: Axes | None = None) -> Axes:
    """Draws the parameters of each layer that has any.

    Args:
        table: What `parameter_table` returned.
        ax: Where to draw; a new figure if `None`.

    Returns:
        The Axes: parameters of each layer from the input down; convolutions blue, dense layers orange, others
        grey.

    Raises:
        InvalidInput: If no layer has parameters.
    """
    rows = [row for row in table.layers if row.parameters]
    if not rows:
        raise InvalidInput(f"{table.model} has no parameters, so there is nothing to draw.")
    ax = clean_axes(ax)
    kinds = {"Conv2D": BLUE, "Dense": ORANGE}  # how the names of their classes end
    colours = [
        next((colour for end, colour in kinds.items() if row.kind.endswith(end)), GREY) for row in rows
    ]
    places = np.arange(len(rows))
    counts = [row.parameters for row in rows]
    ax.barh(places, counts, color=colours)
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
