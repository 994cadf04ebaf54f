"""A picture of pictures: what augmentation makes of one."""

from matplotlib.figure import Figure

from kerasreg.plotting.axes import check_figure
from kerasreg.records.augmentation_preview import AugmentationPreview


def plot_augmentation_preview(preview: AugmentationPreview, figure: Figure | None = None) -> Figure:
    """Draws a row for each strategy: the original, then its draws.

    Args:
        preview: The pictures.
        figure: Where to draw; a new figure if `None`.

    Returns:
        The figure, an Axes a picture. Black is 0 and white is 1.

    Raises:
        InvalidInput: If `figure` is no Figure.
    """
    rows, draws = preview.pictures.shape[:2]
    height, width = preview.original.shape[:2]
    if figure is None:
        from matplotlib import pyplot  # only here: its figures are global, and not everyone wants that

        names = 0.3 + 0.075 * max(map(len, preview.names))  # inches, of letters of 8 points
        across = 0.95 * (draws + 1)
        figure = pyplot.figure(figsize=(names + across, 0.4 + 0.95 * rows * height / width))
        left, top = names / (names + across), 1 - 0.35 / figure.get_figheight()
        figure.subplots_adjust(left=left, right=0.995, bottom=0.01, top=top, wspace=0.06, hspace=0.06)
    check_figure(figure)
    axes = figure.subplots(rows, draws + 1, squeeze=False)
    for name, changed, line in zip(preview.names, preview.pictures, axes, strict=True):
        for picture, ax in zip([preview.original, *changed], line, strict=True):
            ax.imshow(picture if picture.shape[-1] == 3 else picture[..., 0], cmap="gray", vmin=0, vmax=1)
            ax.set_xticks([])
            ax.set_yticks([])
            ax.spines[:].set_visible(False)
        line[0].set_ylabel(
            name, rotation=0, ha="right", va="center", fontsize="small", labelpad=8, parse_math=False
        )
    axes[0, 0].set_title("original", fontsize="small")
    if draws:
        axes[0, 1].set_title(f"{draws} draws" if draws > 1 else "a draw", fontsize="small", loc="left")
    return figure
