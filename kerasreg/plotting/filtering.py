"""Pictures of filters: a record in, matplotlib Axes out."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from kerasreg.checks import check_whole_number
from kerasreg.plotting.axes import ORANGE
from kerasreg.plotting.grey_pictures import picture_panels, show
from kerasreg.records.filtering import Commutation, FilterComparison


def plot_filtered(
    record: FilterComparison, boundary: str | None = None, axes: Sequence[Axes] | None = None
) -> list[Axes]:
    """Draws a picture and what each kernel made of it.

    Blurred and sharpened pictures have the grey levels of the picture. Results of kernels that sum to 0 have
    blue below 0 and red above it; the magnitude, which is never below 0, is black there.

    Args:
        record: What `compare_filters` returned.
        boundary: Which of its boundaries; the first if `None`.
        axes: Where to draw, one for the picture and one for each kernel; a new figure if `None`.

    Returns:
        The Axes, the picture first.

    Raises:
        InvalidInput: If there is no such boundary, or there are not as many Axes.
    """
    axes = picture_panels(1 + len(record.kernels), axes, columns=3, shape=record.picture.shape, width=3.2)
    ends = (record.picture.min(), record.picture.max())
    show(axes[0], record.picture, record.data, ends=ends)
    for ax, kernel, total in zip(axes[1:], record.kernels, record.sums, strict=True):
        values = record.result(kernel, boundary)
        keeps, changes = abs(total - 1) < 1e-9, abs(total) < 1e-9
        signed = changes and values.min() < 0
        show(ax, values, _words(kernel), signed=bool(signed), ends=ends if keeps else None)
    return axes


def plot_boundaries(
    record: FilterComparison,
    kernel: str | None = None,
    axes: Sequence[Axes] | None = None,
    *,
    corner: int = 40,
) -> list[Axes]:
    """Draws the upper left corner of a filtered picture for each boundary, all in the same grey levels.

    A frame shows what the kernel cannot reach the border from: there all are the same.

    Args:
        record: What `compare_filters` returned.
        kernel: Which of its kernels; the one that reaches furthest if `None`.
        axes: Where to draw, one for each boundary; a new figure if `None`.
        corner: Height and width of the corner in pixels, at least 1.

    Returns:
        The Axes, in the record's order of boundaries.

    Raises:
        InvalidInput: If there is no such kernel or corner, or there are not as many Axes.
    """
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


def plot_commutation(record: Commutation, axes: Sequence[Axes] | None = None) -> list[Axes]:
    """Draws a picture filtered in both orders, and the difference in a corner, where the interior is framed.

    Args:
        record: What `commute` returned.
        axes: Where to draw, three of them; a new figure if `None`.

    Returns:
        The three Axes. The two orders have the same colours. The difference has its own, and is drawn in
        the upper left corner, in which its border is wide enough to be seen: its title tells the largest of
        the whole picture.

    Raises:
        InvalidInput: If there are not three Axes.
    """
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
    # Of the order whose border does not drown the picture.
    low, high = min((ax.images[0].get_clim() for ax in axes[:2]), key=lambda ends: ends[1])
    for ax in axes[:2]:
        ax.images[0].set_clim(low, high)
    _frame(axes[2], record.margin)
    return axes


def _frame(ax: Axes, reach: int) -> None:
    """Frames what lies so many pixels from the upper and left border on; the other sides are outside."""
    height, width = ax.images[0].get_array().shape
    corner = (reach - 0.5, reach - 0.5)
    ax.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=ORANGE, linewidth=1.4))


def _words(kernel: str) -> str:
    """Returns a kernel's name as a title: `"box_5"` becomes `"box 5"`."""
    return kernel.replace("_", " ")
