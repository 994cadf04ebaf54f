"""Records of the layers of a network: kernels and feature maps, pooling, parameters."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kerasreg.checks import InvalidInput, check_one_of, shown
from kerasreg.records.record import ExperimentRecord
from kerasreg.records.table import as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, kw_only=True)
class FeatureMaps(ExperimentRecord):
    """Kernels of the first convolution of a network, and its feature maps of some pictures.

    Args:
        model: Name of the network.
        pictures: Pictures, shape (pictures, height, width, channels).
        labels: Name of each picture.
        kernels: Weights of the first convolution, shape (height, width, channels, filters), as they are
            applied: a Keras convolution does not flip them.
        maps: Feature maps of each stage, in order, shape (pictures, height, width, filters). A stage is a
            convolution with its normalization and activation, or a pooling layer.
    """

    model: str
    pictures: NDArray[np.float32]
    labels: tuple[str, ...]
    kernels: NDArray[np.float32]
    maps: dict[str, NDArray[np.float32]]

    def of(self, stage: str, picture: int = 0) -> np.ndarray:
        """Returns the maps of one picture after one stage, shape (filters, height, width)."""
        check_one_of("stage", stage, tuple(self.maps))
        check_one_of("picture", picture, tuple(range(len(self.pictures))))
        return np.moveaxis(self.maps[stage][picture], -1, 0)

    def rows(self) -> list[dict[str, Any]]:
        """Returns one row for each stage.

        Each has `stage`, `height`, `width`, `maps`, `silent_maps`, the number of maps that are 0 at every
        pixel of every picture here, and `zeros`, the share of all values that are 0.
        """
        return [
            {
                "stage": stage,
                "height": values.shape[1],
                "width": values.shape[2],
                "maps": values.shape[3],
                "silent_maps": int((values == 0).all(axis=(0, 1, 2)).sum()),
                "zeros": float((values == 0).mean()),
            }
            for stage, values in self.maps.items()
        ]

    def sentences(self) -> Iterator[str]:
        """Yields the size of the maps of each stage, and how many of their values are 0."""
        shown = "the picture" if len(self.pictures) == 1 else f"all {len(self.pictures)} pictures"
        for row in self.rows():
            yield (
                f"{row['stage']}: {row['maps']} maps of {row['height']} x {row['width']}; "
                f"{100 * row['zeros']:.0f} % of the values are 0; number of maps that are 0 everywhere in "
                f"{shown}: {row['silent_maps']}."
            )

    def plot_kernels(self, axes: "Sequence[Axes] | None" = None, *, channel: int = 0) -> "list[Axes]":
        """Draws the kernels of the first convolution.

        Weights below 0 are blue, those above it red; all kernels have the same color scale.

        Args:
            axes: Axes to draw in, one for each filter; a new figure if `None`.
            channel: Channel of the picture, counted from 0.

        Returns:
            The Axes, in the order of the filters.

        Raises:
            InvalidInput: If there is no such channel, or the number of Axes is another.
        """
        from kerasreg.experiments.convolution.plot import draw_kernels

        return draw_kernels(self, axes, channel=channel)

    def plot_maps(self, axes: np.ndarray | None = None, *, picture: int = 0, max_maps: int = 8) -> np.ndarray:
        """Draws the feature maps of one picture, a row for each stage.

        Each map has its own gray levels, from black at its lowest to white at its highest value.

        Args:
            axes: Axes to draw in, shape (stages, columns); a new figure if `None`.
            picture: Index of the picture.
            max_maps: Maximum number of maps of each stage in a new figure, the first ones.

        Returns:
            The Axes, shape (stages, columns); those for which no map is left are empty.

        Raises:
            InvalidInput: If there is no such picture, or the number of rows of Axes is not that of stages.
        """
        from kerasreg.experiments.convolution.plot import draw_maps

        return draw_maps(self, axes, picture=picture, max_maps=max_maps)

    def to_frame(self) -> Any:
        """Returns `rows`: a DataFrame with pandas, plain rows without."""
        return as_table(self.rows())


@dataclass(frozen=True, eq=False, kw_only=True)
class PoolingExample(ExperimentRecord):
    """One picture reduced by max pooling and by average pooling.

    Args:
        picture: Gray levels, shape (height, width).
        size: Height and width in pixels of the squares that were pooled.
        maximum: Maximum of each square, shape (height // size, width // size).
        average: Mean of each square, the same shape.
    """

    picture: NDArray[np.float32]
    size: int
    maximum: NDArray[np.float32]
    average: NDArray[np.float32]

    def sentences(self) -> Iterator[str]:
        """Yields the size of the result, and the mean gray level before and after pooling."""
        height, width = self.picture.shape
        rows, columns = self.maximum.shape
        yield f"{height} x {width} pixels become {rows} x {columns}."
        yield (
            f"Mean gray level: {self.picture.mean():.3g} in the picture, {self.average.mean():.3g} after "
            f"average pooling, {self.maximum.mean():.3g} after max pooling."
        )

    def plot(self, axes: "Sequence[Axes] | None" = None) -> "list[Axes]":
        """Draws the picture, and it after max and after average pooling, with the same gray levels.

        Args:
            axes: Three Axes to draw in; a new figure if `None`.

        Returns:
            The three Axes.

        Raises:
            InvalidInput: If there are not three Axes.
        """
        from kerasreg.experiments.convolution.plot import draw_pooling

        return draw_pooling(self, axes)


@dataclass(frozen=True, kw_only=True)
class LayerParameters(ExperimentRecord):
    """Numbers of parameters of a convolution and of dense layers on the same input, biases included.

    The convolution is padded, so that its output has the height and width of the input.

    Args:
        input_shape: Shape of the input, (height, width, channels).
        filters: Filters of the convolution.
        kernel_size: Height and width of each filter in pixels.
    """

    input_shape: tuple[int, int, int]
    filters: int
    kernel_size: int

    @property
    def inputs(self) -> int:
        """Size of one input: height times width times channels."""
        return math.prod(self.input_shape)

    @property
    def outputs(self) -> int:
        """Size of one output of the convolution."""
        return math.prod(self.input_shape[:2]) * self.filters

    @property
    def convolution(self) -> int:
        """Parameters of the convolution: a kernel over all channels and a bias for each filter."""
        return (self.kernel_size**2 * self.input_shape[2] + 1) * self.filters

    @property
    def dense(self) -> int:
        """Parameters of a dense layer with as many outputs as the convolution."""
        return (self.inputs + 1) * self.outputs

    @property
    def dense_with_as_many_units(self) -> int:
        """Parameters of a dense layer with one unit for each filter."""
        return (self.inputs + 1) * self.filters

    def sentences(self) -> Iterator[str]:
        """Yields the parameters of the convolution, and those of the dense layers."""
        height, width, channels = self.input_shape
        yield (
            f"A convolution of {self.filters} filters of {self.kernel_size} x {self.kernel_size} on {height} "
            f"x {width} x {channels} has {self.convolution:,} parameters, whatever the height and width."
        )
        yield (
            f"A dense layer with as many outputs has {self.dense:,}, "
            f"{self.dense / self.convolution:,.0f} times as many; one with {self.filters} outputs has "
            f"{self.dense_with_as_many_units:,}."
        )


@dataclass(frozen=True, kw_only=True)
class LayerRow:
    """One layer of a network.

    Args:
        layer: Name of the layer.
        kind: Name of its class.
        output_shape: Shape of its output for one example.
        parameters: Number of its parameters, trainable or not.
    """

    layer: str
    kind: str
    output_shape: tuple[int | None, ...]
    parameters: int


@dataclass(frozen=True, kw_only=True)
class ParameterTable(ExperimentRecord):
    """Layers of a network with their output shapes and parameters.

    Args:
        model: Name of the network.
        layers: Layers from the input to the output.
        trainable: Number of trainable parameters.
    """

    model: str
    layers: tuple[LayerRow, ...]
    trainable: int

    @property
    def total(self) -> int:
        """Number of parameters, trainable or not."""
        return sum(row.parameters for row in self.layers)

    def share(self, kind: str) -> float:
        """Returns the share of all parameters in layers of a kind.

        Args:
            kind: End of the name of the class: `"Dense"` includes `DropConnectDense`.

        Raises:
            InvalidInput: If it is not text.
        """
        if not isinstance(kind, str):
            raise InvalidInput(
                f'kind must be the name of a class of layers, such as "Dense"; received {shown(kind)}.'
            )
        return sum(row.parameters for row in self.layers if row.kind.endswith(kind)) / max(self.total, 1)

    def sentences(self) -> Iterator[str]:
        """Yields the number of parameters, and the layers that most of them are in."""
        yield f"{self.model} has {self.total:,} parameters, {self.trainable:,} of them trainable."
        if self.total:
            most = max(self.layers, key=lambda row: row.parameters)
            convolutions, dense = (f"{100 * self.share(kind):.1f} %" for kind in ("Conv2D", "Dense"))
            yield (
                f"{convolutions} are in convolutions and {dense} in dense layers; {most.layer} has the most, "
                f"{most.parameters:,}."
            )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draws the number of parameters of each layer that has any.

        Args:
            ax: Axes to draw in; a new figure if `None`.

        Returns:
            The Axes: bars of parameters for each layer, from the input down; convolutions are blue, dense
            layers orange, others gray.

        Raises:
            InvalidInput: If no layer has parameters.
        """
        from kerasreg.experiments.convolution.plot import draw_parameters

        return draw_parameters(self, ax)

    def to_frame(self) -> Any:
        """Returns one row for each layer: a DataFrame with pandas, plain rows without."""
        return as_table(
            [
                {
                    "layer": row.layer,
                    "kind": row.kind,
                    "output_shape": " x ".join(map(str, row.output_shape)),
                    "parameters": row.parameters,
                }
                for row in self.layers
            ]
        )
