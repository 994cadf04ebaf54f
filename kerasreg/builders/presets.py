"""Famous convolutional networks, scaled to small pictures: arguments of `build_cnn` by name."""

from collections.abc import Sequence
from typing import Any

from kerasreg.builders.arguments import check_picture_shape
from kerasreg.builders.cnn import ConvolutionBlock
from kerasreg.checks import InvalidInput, check_one_of

_PRESETS: dict[str, dict[str, Any]] = {
    "lenet": {
        "blocks": ((6, 5, "average"), (16, 5, "average")),
        "dense_units": (120, 84),
        "activation": "tanh",
    },
    "alexnet": {
        "blocks": ((24, 5), (64, 5), (96, 3, None), (96, 3, None), (64, 3)),
        "dense_units": (256, 256),
        "activation": "relu",
        "regularization": {"dropout": 0.5},
    },
    "vgg": {
        "blocks": ((16, 3, None), (16, 3), (32, 3, None), (32, 3), (64, 3, None), (64, 3)),
        "dense_units": (128, 128),
        "activation": "relu",
        "regularization": {"dropout": 0.5},
    },
}
PRESETS = tuple(_PRESETS)


def cnn_preset(name: str, input_shape: Sequence[int] = (28, 28, 1)) -> dict[str, Any]:
    """Returns arguments of `build_cnn` for a network in the style of a famous one.

    - `"lenet"`: two 5 x 5 convolutions with average pooling, tanh, dense layers of 120 and 84. LeNet-5's
      second convolution was not padded and not connected to all of the first one's filters, and its pooling
      had weights.
    - `"alexnet"`: wide kernels first, three 3 x 3 convolutions in a row before the last pooling, ReLU,
      two large dense layers with dropout. AlexNet had pictures of 224 x 224, strides, overlapping pooling,
      about four times the filters and sixteen times the units.
    - `"vgg"`: pairs of 3 x 3 convolutions, a pooling and twice the filters after each pair, ReLU, two dense
      layers with dropout. VGG had five such stages, and four times the filters.

    Each has 28 x 28 pixels in mind. Where the pictures are smaller, a pooling that would leave fewer than
    2 x 2 pixels is left out. `build_cnn` drops out after `flatten` and after each dense layer.

    Args:
        name: `"lenet"`, `"alexnet"` or `"vgg"`.
        input_shape: (height, width, channels) of one picture, at least 4 x 4.

    Returns:
        `blocks`, `dense_units`, `activation`, and `regularization` where the network has any, as JSON can
        hold them. Replace one by `cnn_preset("vgg") | {"regularization": ...}`.

    Raises:
        InvalidInput: If there is no such preset, or the pictures are too small.

    Reference:
        LeCun, Bottou, Bengio and Haffner, Gradient-Based Learning Applied to Document Recognition,
        Proceedings of the IEEE 86, 1998, section II.B (LeNet-5).
        Krizhevsky, Sutskever and Hinton, ImageNet Classification with Deep Convolutional Neural Networks,
        NIPS 2012, section 3.5.
        Simonyan and Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition, ICLR 2015,
        section 2.

    Example:
    >>> from kerasreg import build_cnn
    >>> build_cnn((28, 28, 1), 10, **cnn_preset("lenet")).count_params()
    107786
    """
    preset = _PRESETS[check_one_of("name", name, PRESETS)]
    height, width, _ = check_picture_shape(input_shape)
    if min(height, width) < 4:
        raise InvalidInput(
            f"The presets need pictures of at least 4 x 4 pixels; received {height} x {width}. Give "
            "build_cnn blocks of your own."
        )
    blocks = []
    for fields in preset["blocks"]:
        block = ConvolutionBlock(*fields).to_dict()
        if block["pooling"] and min(height, width) // block["pool_size"] < 2:
            block["pooling"] = None
        if block["pooling"]:
            height, width = height // block["pool_size"], width // block["pool_size"]
        blocks.append(block)
    copied = {key: dict(value) if isinstance(value, dict) else value for key, value in preset.items()}
    return copied | {"blocks": blocks, "dense_units": list(preset["dense_units"])}
