"""How many numbers a layer has to learn."""

import math
from dataclasses import dataclass
from typing import Any

from kerasreg.checks import InvalidInput, shown
from kerasreg.records.table import as_json, as_table


@dataclass(frozen=True, kw_only=True)
class LayerParameters:
    """Parameters of a convolution beside those of dense layers on the same input; biases are counted.

    The convolution is padded, so that its output has the height and width of the input.

    Args:
        input_shape: (height, width, channels).
        filters: Filters of the convolution.
        kernel_size: Height and width of each in pixels.
    """

    input_shape: tuple[int, int, int]
    filters: int
    kernel_size: int

    @property
    def inputs(self) -> int:
        """Numbers in one input."""
        return math.prod(self.input_shape)

    @property
    def outputs(self) -> int:
        """Numbers in one output of the convolution."""
        return math.prod(self.input_shape[:2]) * self.filters

    @property
    def convolution(self) -> int:
        """Parameters of the convolution: a kernel over all channels and a bias for each filter."""
        return (self.kernel_size**2 * self.input_shape[2] + 1) * self.filters

    @property
    def dense(self) -> int:
        """Parameters of a dense layer with as many outputs as the convolution has."""
        return (self.inputs + 1) * self.outputs

    @property
    def dense_with_as_many_units(self) -> int:
        """Parameters of a dense layer with one unit for each filter."""
        return (self.inputs + 1) * self.filters

    def summary(self) -> str:
        """Returns the three numbers in a sentence or two."""
        height, width, channels = self.input_shape
        return (
            f"On {height} x {width} x {channels}, {self.filters} filters of {self.kernel_size} x "
            f"{self.kernel_size} have {self.convolution:,} parameters, whatever the height and width. A "
            f"dense layer with as many outputs has {self.dense:,}, {self.dense / self.convolution:,.0f} "
            f"times as many; one with {self.filters} outputs has {self.dense_with_as_many_units:,}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "LayerParameters":
        """Makes the record that `to_dict` wrote."""
        return cls(**{**record, "input_shape": tuple(record["input_shape"])})


@dataclass(frozen=True, kw_only=True)
class LayerRow:
    """One layer of a network.

    Args:
        layer: Its name.
        kind: The name of its class.
        output_shape: Shape of its output for one example.
        parameters: How many numbers it holds, those that are not trained too.
    """

    layer: str
    kind: str
    output_shape: tuple[int | None, ...]
    parameters: int


@dataclass(frozen=True, kw_only=True)
class ParameterTable:
    """The layers of a network, with their shapes and parameters.

    Args:
        model: The network's name.
        layers: From the input to the output.
        trained: How many of all the parameters are trained.
    """

    model: str
    layers: tuple[LayerRow, ...]
    trained: int

    @property
    def total(self) -> int:
        """All parameters, those that are not trained too."""
        return sum(row.parameters for row in self.layers)

    def share(self, kind: str) -> float:
        """Returns the share of all parameters that layers of a kind hold.

        Args:
            kind: What the names of their classes end in: `"Dense"` is for `DropConnectDense` too.

        Raises:
            InvalidInput: If it is no text.
        """
        if not isinstance(kind, str):
            raise InvalidInput(
                f'kind must be the name of a class of layers, such as "Dense"; received {shown(kind)}.'
            )
        return sum(row.parameters for row in self.layers if row.kind.endswith(kind)) / max(self.total, 1)

    def summary(self) -> str:
        """Returns how many parameters there are, and where most of them are."""
        text = f"{self.model} has {self.total:,} parameters, {self.trained:,} of them trained."
        if not self.total:
            return text
        most = max(self.layers, key=lambda row: row.parameters)
        convolutions, dense = (f"{100 * self.share(kind):.1f} %" for kind in ("Conv2D", "Dense"))
        return (
            f"{text} Convolutions hold {convolutions}, dense layers {dense}; "
            f"the most, {most.parameters:,}, are in {most.layer}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON can hold it."""
        return as_json(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "ParameterTable":
        """Makes the record that `to_dict` wrote."""
        layers = tuple(
            LayerRow(**{**row, "output_shape": tuple(row["output_shape"])}) for row in record["layers"]
        )
        return cls(**{**record, "layers": layers})

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
