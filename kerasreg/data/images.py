"""Pictures read from files, Pillow images and arrays, all as RGB in [0, 1]."""

import io
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from kerasreg.checks import InvalidInput, check_whole_number, shown
from kerasreg.data.picture_metadata import without_metadata
from kerasreg.files import readable_file

LARGEST_16_BIT = 65_535
# What Pillow decodes by itself. Of its other formats some start another program, as Ghostscript for
# PostScript, whatever a file is called.
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "PPM", "AVIF", "JPEG2000")
MAX_PIXELS = 50_000_000  # take up about 1 GB while they are read
BYTES_PER_PIXEL = 8  # of a file that is not compressed: four channels of 16 bits
_PILLOWS_LIMIT = threading.Lock()


def read_picture(
    source: str | os.PathLike | Image.Image | np.ndarray,
    *,
    largest: int | None = 512,
    max_pixels: int = MAX_PIXELS,
) -> np.ndarray:
    """Returns any picture as red, green and blue in [0, 1].

    Files and Pillow images of every mode are taken: one bit, palettes, gray of 8 and 16 bits, CMYK and
    the rest. What is transparent is laid on white, and a photograph is turned upright as its camera
    noted it (EXIF). Color profiles are not applied, and metadata that cannot be read are passed over.

    Args:
        source: A PNG, JPEG, WebP, TIFF, BMP, GIF, PPM, AVIF or JPEG 2000 file; a Pillow image; or an array
            of shape (height, width), (height, width, 1), (height, width, 3) or (height, width, 4), of 8-bit
            or 16-bit whole numbers, booleans, or floats in [0, 1].
        largest: The longer side that the result may have, in pixels. A larger picture is scaled down
            (Lanczos), and a warning says so. `None` leaves every picture as large as it is.
        max_pixels: The most pixels that a file or Pillow image may have. A file says how many before it is
            decoded; more are refused, as they may fill the memory.

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
    check_whole_number("max_pixels", max_pixels)
    if isinstance(source, str | os.PathLike):
        if str(source).startswith(("http://", "https://")):
            raise InvalidInput(f"{source} is an address on the web; download the picture and give its file.")
        path = readable_file(source, "a picture, such as a PNG or JPEG file")
        name = str(path)
        picture = _of_file(_content(path, max_pixels), name, max_pixels)
    elif isinstance(source, Image.Image):
        picture, name = _of_given_image(source, max_pixels), "The picture"
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


class _UndecodableError(InvalidInput):
    """What Pillow cannot decode, be it for its pixels or for its metadata."""


def _content(path: Path, max_pixels: int) -> bytes:
    size = path.stat().st_size
    if size > BYTES_PER_PIXEL * max_pixels:
        enough = size // BYTES_PER_PIXEL + 1
        raise InvalidInput(
            f"{path} is a file of {size / 1e9:.3g} GB, more than a picture within the limit of "
            f"{max_pixels:,} pixels takes up. Save it smaller; or, if the memory has room for it, raise the "
            f"limit: max_pixels={enough}, in the command --max-pixels {enough}."
        )
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror or error}.") from error


def _of_file(content: bytes, name: str, max_pixels: int) -> np.ndarray:
    """Decodes a file, without its metadata where Pillow gives it up because of them."""
    try:
        return _of_image(io.BytesIO(content), name, max_pixels)
    except _UndecodableError as error:
        refused = InvalidInput(str(error))
    pixels_alone = without_metadata(content)
    if pixels_alone is None:
        raise refused
    try:
        return _of_image(io.BytesIO(pixels_alone), name, max_pixels)
    except _UndecodableError:
        raise refused from None


def _of_given_image(image: Image.Image, max_pixels: int) -> np.ndarray:
    try:
        return _of_image(image, "The picture", max_pixels)
    except _UndecodableError as error:
        raise InvalidInput(str(error)) from error


def _of_image(source: io.BytesIO | Image.Image, name: str, max_pixels: int) -> np.ndarray:
    """Decodes a picture, and says in one sentence why it cannot."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own words about metadata
            image = source if isinstance(source, Image.Image) else _opened(source, max_pixels)
            if 0 in image.size:
                raise InvalidInput(f"{name} has no pixels: its size is {image.height} x {image.width}.")
            if image.width * image.height > max_pixels:
                raise InvalidInput(
                    f"{name} has {image.height:,} x {image.width:,} pixels, more than the limit of "
                    f"{max_pixels:,}. Save it smaller; or, if the memory has room for 20 bytes a pixel, "
                    f"raise the limit: max_pixels={image.width * image.height}, in the command --max-pixels "
                    f"{image.width * image.height}."
                )
            frames = getattr(image, "n_frames", 1)
            if frames > 1 and image.format != "MPO":  # a telephone's photograph with its preview
                raise InvalidInput(
                    f"{name} holds {frames} pictures, as animations and documents do; save the one that "
                    "you want as a picture of its own."
                )
            image.load()
            return _to_rgb(_upright(image), name)
    except InvalidInput:
        raise
    except UnidentifiedImageError as error:
        raise _UndecodableError(
            f"{name} is no picture of a kind that is read here ({', '.join(FORMATS)}); save it as a PNG or "
            "JPEG file."
        ) from error
    except MemoryError as error:
        raise InvalidInput(f"{name} does not fit into the memory; save it smaller.") from error
    except Exception as error:  # each of Pillow's decoders fails in its own ways
        raise _UndecodableError(
            f"{name} cannot be decoded to its end: it is truncated, corrupt or of a kind that Pillow reads "
            "in part only; save it again as PNG or JPEG."
        ) from error


def _opened(source: io.BytesIO, max_pixels: int) -> Image.Image:
    Image.init()
    available = [name for name in FORMATS if name in Image.OPEN]  # not every Pillow has AVIF or JPEG 2000
    with _pillows_limit(max_pixels):
        return Image.open(source, formats=available)


@contextmanager
def _pillows_limit(max_pixels: int) -> Iterator[None]:
    """Lets Pillow open what is larger than its own limit where the user has allowed it."""
    with _PILLOWS_LIMIT:
        before = Image.MAX_IMAGE_PIXELS
        Image.MAX_IMAGE_PIXELS = None if before is None else max(before, max_pixels)
        try:
            yield
        except Image.DecompressionBombError as error:
            raise InvalidInput(
                f"The picture has far more pixels than the limit of {max_pixels:,}, and would fill the "
                f"memory ({error}). Save it smaller, or raise max_pixels, in the command --max-pixels."
            ) from error
        finally:
            Image.MAX_IMAGE_PIXELS = before


def _upright(image: Image.Image) -> Image.Image:
    """Turns a photograph as its camera noted it, or leaves it as it is where the note cannot be read."""
    try:
        return ImageOps.exif_transpose(image)
    except MemoryError:
        raise
    except Exception:  # the pixels are decoded already: what fails is the note
        return image


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
    """Makes gray, RGB or RGBA of any accepted dtype into RGB in [0, 1], laid on white."""
    try:
        values = np.asarray(given)
    except ValueError as error:  # lists of unequal lengths
        raise InvalidInput(f"A picture's rows must be equally long; received {shown(given)}.") from error
    if values.ndim == 2:
        values = values[..., np.newaxis]
    if values.ndim == 3 and values.shape[0] in (1, 3, 4) and min(values.shape[1:]) > 4:
        raise InvalidInput(
            f"A picture's channels come last; received shape {values.shape}, where they come first. Move "
            "them with np.moveaxis(picture, 0, -1)."
        )
    if values.ndim != 3 or values.shape[2] not in (1, 3, 4) or 0 in values.shape:
        received = f"shape {values.shape} of {values.dtype}" if np.ndim(values) else shown(given)
        raise InvalidInput(
            "A picture must be a file, a Pillow image, or an array of shape (height, width) or (height, "
            f"width, channels) with 1, 3 or 4 channels; received {received}."
        )
    if values.dtype.kind in "uf":
        values = values.astype(values.dtype.newbyteorder("="))
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
