"""Pictures read from files, Pillow images and arrays, all as RGB in [0, 1]."""

import io
import os
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from kerasreg.checks import InvalidInput, check_whole_number, shown

LARGEST_16_BIT = 65_535


def read_picture(
    source: str | os.PathLike | Image.Image | np.ndarray, *, largest: int | None = 512
) -> np.ndarray:
    """Returns any picture as red, green and blue in [0, 1].

    Files and Pillow images of every mode are taken: one bit, palettes, grey of 8 and 16 bits, CMYK and
    the rest. What is transparent is laid on white, and a photograph is turned upright as its camera
    noted it (EXIF). Colour profiles are not applied.

    Args:
        source: A file that Pillow reads, such as PNG or JPEG; a Pillow image; or an array of shape
            (height, width), (height, width, 1), (height, width, 3) or (height, width, 4), of 8-bit or
            16-bit whole numbers, booleans, or floats in [0, 1].
        largest: The longer side that the result may have, in pixels. A larger picture is scaled down
            (Lanczos), and a warning says so. `None` leaves every picture as large as it is.

    Returns:
        Array of shape (height, width, 3), single precision.

    Raises:
        InvalidInput: If there is no such file, or it is no picture, damaged, animated or enormous; or
            if the array is no picture. The message says what to do.

    Example:
    >>> read_picture(np.array([[0, 255]], dtype=np.uint8)).tolist()
    [[[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]]
    """
    if largest is not None:
        check_whole_number("largest", largest)
    if isinstance(source, str | os.PathLike):
        if str(source).startswith(("http://", "https://")):
            raise InvalidInput(f"{source} is an address on the web; download the picture and give its file.")
        try:
            path = Path(source).expanduser()
            content = _content(path)
        except (OSError, RuntimeError) as error:  # no right to it, too long a name, no such user's home
            reason = (getattr(error, "strerror", None) or str(error)).rstrip(".")
            raise InvalidInput(f"{source} cannot be read: {reason}.") from error
        name = str(path)
        picture = _of_image(io.BytesIO(content), name)
    elif isinstance(source, Image.Image):
        picture, name = _of_image(source, "The picture"), "The picture"
    else:
        picture, name = _of_array(source), "The picture"
    height, width = picture.shape[:2]
    if largest is None or max(height, width) <= largest:
        return picture
    scaled = scaled_down(picture, largest)
    warnings.warn(
        f"{name} was scaled down from {height} x {width} to {scaled.shape[0]} x {scaled.shape[1]} pixels. "
        "In Python, read_picture(..., largest=None) keeps all of it.",
        stacklevel=2,
    )
    return scaled


def scaled_down(picture: np.ndarray, largest: int) -> np.ndarray:
    """Returns a picture of shape (height, width, 3) whose longer side is `largest` pixels (Lanczos)."""
    height, width = picture.shape[:2]
    scale = largest / max(height, width)
    return resized(picture, (max(1, round(height * scale)), max(1, round(width * scale))))


def resized(picture: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Returns a picture in [0, 1] at another (height, width), channel by channel (Lanczos)."""
    channels = [
        np.asarray(Image.fromarray(channel).resize(shape[::-1], Image.Resampling.LANCZOS))
        for channel in np.moveaxis(picture, -1, 0)
    ]
    return np.clip(np.stack(channels, axis=-1), 0, 1)  # Lanczos overshoots at edges


def _content(path: Path) -> bytes:
    if path.is_dir():
        raise InvalidInput(f"{path} is a folder; give the picture itself.")
    if not path.exists():
        raise InvalidInput(f"There is no file {path}; give a picture, such as a PNG or JPEG file.")
    if not path.is_file():
        raise InvalidInput(f"{path} is no ordinary file; give a picture, such as a PNG or JPEG file.")
    content = path.read_bytes()
    if not content:
        raise InvalidInput(f"{path} is empty; copy or save the picture again.")
    return content


def _of_image(source: io.BytesIO | Image.Image, name: str) -> np.ndarray:
    """Decodes a picture, and says in one sentence why it cannot."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = source if isinstance(source, Image.Image) else Image.open(source)
            if 0 in image.size:
                raise InvalidInput(f"{name} has no pixels: its size is {image.height} x {image.width}.")
            frames = getattr(image, "n_frames", 1)
            if frames > 1 and image.format != "MPO":  # a telephone's photograph with its preview
                raise InvalidInput(
                    f"{name} holds {frames} pictures, as animations and documents do; save the one that "
                    "you want as a picture of its own."
                )
            return _to_rgb(ImageOps.exif_transpose(image), name)
    except InvalidInput:
        raise
    except UnidentifiedImageError as error:
        raise InvalidInput(
            f"{name} is no picture that Pillow knows; give a PNG or JPEG file, or save the picture as one."
        ) from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise InvalidInput(
            f"{name} says that it has more than {Image.MAX_IMAGE_PIXELS // 10**6} million pixels, which may "
            "fill the memory; save it smaller."
        ) from error
    except MemoryError as error:
        raise InvalidInput(f"{name} does not fit into the memory; save it smaller.") from error
    except Exception as error:  # each of Pillow's decoders fails in its own ways
        raise InvalidInput(
            f"{name} cannot be decoded to its end: it is truncated, corrupt or of a kind that Pillow reads "
            "in part only; save it again as PNG or JPEG."
        ) from error


def _to_rgb(image: Image.Image, name: str) -> np.ndarray:
    if image.mode.startswith("I") or image.mode == "F":
        return _of_wide_numbers(np.asarray(image), name)
    if image.mode == "LAB":  # Pillow's convert knows no way from here
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        image = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    if image.mode == "La":  # with its alpha multiplied in; convert knows the one way only
        image = image.convert("LA")
    return _of_array(np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB")))


def _of_wide_numbers(values: np.ndarray, name: str) -> np.ndarray:
    """Makes one channel of 16-bit or 32-bit whole numbers, or of floats, into RGB."""
    if values.dtype.kind == "f":
        return _of_array(values)
    if values.min() < 0 or values.max() > LARGEST_16_BIT:
        raise InvalidInput(
            f"{name} holds whole numbers from {values.min()} to {values.max()}, more than 16 bits, and what "
            "is white in it cannot be known; save it with 8 or 16 bits."
        )
    return _of_array(values.astype(np.uint16))


def _of_array(given: np.ndarray) -> np.ndarray:
    """Makes grey, RGB or RGBA of any accepted dtype into RGB in [0, 1], laid on white."""
    try:
        values = np.asarray(given)
    except ValueError as error:  # lists of unequal lengths
        raise InvalidInput(f"A picture's rows must be equally long; received {shown(given)}.") from error
    if values.ndim == 2:
        values = values[..., np.newaxis]
    if values.ndim != 3 or values.shape[2] not in (1, 3, 4) or 0 in values.shape:
        received = f"shape {values.shape} of {values.dtype}" if np.ndim(values) else shown(given)
        raise InvalidInput(
            "A picture must be a file, a Pillow image, or an array of shape (height, width) or (height, "
            f"width, channels) with 1, 3 or 4 channels; received {received}."
        )
    if values.dtype in (np.uint8, np.uint16):
        numbers = np.divide(values, np.iinfo(values.dtype).max, dtype=np.float32)
    elif values.dtype == bool or values.dtype.kind == "f":
        numbers = values.astype(np.float32)
    else:
        raise InvalidInput(
            "A picture's numbers must be uint8, uint16, booleans, or floats in [0, 1]; received "
            f"{values.dtype}. Whole numbers up to 255 become one with picture.astype(np.uint8)."
        )
    if not (numbers.min() >= 0 and numbers.max() <= 1):  # so that NaN is refused too
        raise InvalidInput(
            f"A picture of floats must lie in [0, 1]; received {numbers.min():g} to {numbers.max():g}. "
            "Divide by what white is, or clip with np.clip(picture, 0, 1)."
        )
    if numbers.shape[2] == 4:
        alpha = numbers[..., 3:]
        numbers = numbers[..., :3] * alpha + (1 - alpha)
    return np.repeat(numbers, 3, axis=2) if numbers.shape[2] == 1 else numbers
