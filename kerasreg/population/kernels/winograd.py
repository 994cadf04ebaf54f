"""Winograd convolution for kernels three or five pixels wide."""

from dataclasses import dataclass

import tensorflow as tf

Matrix = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Transforms:
    """What makes n products of one row's pixels and weights into n / 2 neighboring outputs.

    Args:
        pixels: From n neighboring pixels to n combinations of them, (n, n).
        kernel: From the weights of a row to the n that multiply them, (n, width).
        outputs: From the n products to the outputs, (n / 2, n).
    """

    pixels: Matrix
    kernel: Matrix
    outputs: Matrix


# By the width of the kernel, one more than the number of outputs: F(2, 3) at the points 0, 1, -1 and
# infinity; F(4, 5) at 0, 1, -1, 2, -2, 1/2, -1/2 and infinity.
WINOGRAD = {
    3: Transforms(
        pixels=((1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, 1, 0, -1)),
        kernel=((1, 0, 0), (1 / 2, 1 / 2, 1 / 2), (1 / 2, -1 / 2, 1 / 2), (0, 0, 1)),
        outputs=((1, 1, 1, 0), (0, 1, -1, -1)),
    ),
    5: Transforms(
        pixels=(
            (1, 0, -21 / 4, 0, 21 / 4, 0, -1, 0),
            (0, 1, 1, -17 / 4, -17 / 4, 1, 1, 0),
            (0, -1, 1, 17 / 4, -17 / 4, -1, 1, 0),
            (0, 1 / 2, 1 / 4, -5 / 2, -5 / 4, 2, 1, 0),
            (0, -1 / 2, 1 / 4, 5 / 2, -5 / 4, -2, 1, 0),
            (0, 2, 4, -5 / 2, -5, 1 / 2, 1, 0),
            (0, -2, 4, 5 / 2, -5, -1 / 2, 1, 0),
            (0, -1, 0, 21 / 4, 0, -21 / 4, 0, 1),
        ),
        kernel=(
            (1, 0, 0, 0, 0),
            (-2 / 9, -2 / 9, -2 / 9, -2 / 9, -2 / 9),
            (-2 / 9, 2 / 9, -2 / 9, 2 / 9, -2 / 9),
            (1 / 90, 2 / 90, 4 / 90, 8 / 90, 16 / 90),
            (1 / 90, -2 / 90, 4 / 90, -8 / 90, 16 / 90),
            (32 / 45, 16 / 45, 8 / 45, 4 / 45, 2 / 45),
            (32 / 45, -16 / 45, 8 / 45, -4 / 45, 2 / 45),
            (0, 0, 0, 0, 1),
        ),
        outputs=(
            (1, 1, 1, 1, 1, 1, 1, 0),
            (0, 1, -1, 2, -2, 1 / 2, -1 / 2, 0),
            (0, 1, 1, 4, 4, 1 / 4, 1 / 4, 0),
            (0, 1, -1, 8, -8, 1 / 8, -1 / 8, 1),
        ),
    ),
}


def convolve_wide(padded: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """Convolves along the width by Winograd's method, along the height by adjoining rows.

    A row of a kernel three wide takes four products for two outputs rather than six, one five wide eight
    for four rather than twenty; and the pixels take two thirds and two fifths of the memory of im2col. Going
    the same way along the height saves more products and loses it again in memory traffic.

    Args:
        padded: Pictures with their border of zeros, of shape (P, B, H, W, C).
        kernel: Weights of shape (P, kernel height, kernel width, C, F); the width is a key of `WINOGRAD`.

    Returns:
        The convolution without further padding, (P, B, H - kernel height + 1, W - kernel width + 1, F).

    Reference:
        Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016, section 4.
    """
    width = kernel.shape[2]
    outputs = padded.shape[3] - width + 1
    missing = -outputs % (width - 1)  # outputs come in tiles: more columns, dropped at the end
    if missing:
        padded = tf.pad(padded, [[0, 0], [0, 0], [0, 0], [0, missing], [0, 0]])
    return _convolve_tiles(padded, kernel)[:, :, :, :outputs]


@tf.custom_gradient
def _convolve_tiles(padded: tf.Tensor, kernel: tf.Tensor) -> tuple:
    """Convolves pictures of whole tiles; the gradient shares the combined pixels with the forward pass."""
    members, batch, padded_height, padded_width, channels = padded.shape
    kernel_height, width, filters = kernel.shape[1], kernel.shape[2], kernel.shape[4]
    transforms, tile = WINOGRAD[width], width - 1
    points = 2 * tile
    height, tiles = padded_height - kernel_height + 1, padded_width // tile - 1
    positions = batch * height * tiles
    kernel_matrix = tf.constant(transforms.kernel, kernel.dtype)

    weights = tf.einsum("tj,pijcf->pticf", kernel_matrix, kernel)
    weights = tf.reshape(weights, (members, points, kernel_height * channels, filters))
    blocks = tf.reshape(padded, (members, batch, padded_height, tiles + 1, tile, channels))
    pixels = [blocks[:, :, :, i // tile : i // tile + tiles, i % tile] for i in range(points)]
    # Stacked before the rows are adjoined: XLA would otherwise combine the pixels once for each row.
    combined = tf.stack(_mixed(transforms.pixels, pixels), axis=1)  # (P, points, B, padded height, tiles, C)
    columns = tf.concat([combined[:, :, :, i : i + height] for i in range(kernel_height)], axis=-1)
    columns = tf.reshape(columns, (members, points, positions, kernel_height * channels))
    products = tf.unstack(tf.matmul(columns, weights), axis=1)
    outputs = tf.stack(_mixed(transforms.outputs, products), axis=2)  # (P, positions, tile, F)
    outputs = tf.reshape(outputs, (members, batch, height, tile * tiles, filters))

    def gradient(output_gradient: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        tiled = tf.reshape(output_gradient, (members, positions, tile, filters))
        spread = tf.stack(_mixed(_transpose(transforms.outputs), tf.unstack(tiled, axis=2)), axis=1)
        weight_gradient = tf.matmul(columns, spread, transpose_a=True)
        weight_gradient = tf.reshape(weight_gradient, (members, points, kernel_height, channels, filters))
        column_gradient = tf.matmul(spread, weights, transpose_b=True)
        column_gradient = tf.reshape(
            column_gradient, (members, points, batch, height, tiles, kernel_height, channels)
        )
        by_row = [  # a pixel is seen by every row of the kernel, and by two tiles
            tf.pad(
                column_gradient[..., row, :],
                [[0, 0], [0, 0], [0, 0], [row, kernel_height - 1 - row], [0, 0], [0, 0]],
            )
            for row in range(kernel_height)
        ]
        combined_gradient = tf.unstack(sum(by_row[1:], by_row[0]), axis=1)
        by_pixel = _mixed(_transpose(transforms.pixels), combined_gradient)
        by_tile = [
            tf.pad(tf.stack(by_pixel[:tile], axis=4), [[0, 0], [0, 0], [0, 0], [0, 1], [0, 0], [0, 0]]),
            tf.pad(tf.stack(by_pixel[tile:], axis=4), [[0, 0], [0, 0], [0, 0], [1, 0], [0, 0], [0, 0]]),
        ]
        picture_gradient = tf.reshape(by_tile[0] + by_tile[1], padded.shape)
        return picture_gradient, tf.einsum("tj,pticf->pijcf", kernel_matrix, weight_gradient)

    return outputs, gradient


def _mixed(matrix: Matrix, tensors: list[tf.Tensor]) -> list[tf.Tensor]:
    """Returns the product of a matrix and a list of tensors, without the products by 0 and 1."""
    mixed = []
    for row in matrix:
        terms = [
            tensor if factor == 1 else factor * tensor
            for factor, tensor in zip(row, tensors, strict=True)
            if factor
        ]
        mixed.append(sum(terms[1:], terms[0]))
    return mixed


def _transpose(matrix: Matrix) -> Matrix:
    return tuple(zip(*matrix, strict=True))
