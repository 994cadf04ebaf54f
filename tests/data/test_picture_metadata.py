"""A picture whose pixels are whole is read, whatever is wrong with what the file says besides."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from kerasreg.data import read_picture

PIXELS = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
EXIF_HEAD = b"II*\0\x08\0\0\0\x01\0\x12\x01"


def encoded(kind):
    buffer = io.BytesIO()
    Image.fromarray(PIXELS).save(buffer, kind, **({"quality": 95} if kind == "JPEG" else {}))
    return buffer.getvalue()


PNG, JPEG = encoded("PNG"), encoded("JPEG")


def chunk(kind, data, *, sound=True):
    return (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data) ^ (not sound))
    )


def png(*chunks, at=33):
    return PNG[:at] + b"".join(chunks) + PNG[at:]


def jpeg(marker, data):
    return JPEG[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data + JPEG[2:]


PNGS = {
    "EXIF that is no TIFF": png(chunk(b"eXIf", bytes.fromhex("00080002011200030000"))),
    "EXIF after the pixels": png(chunk(b"eXIf", b"\0\x08"), at=len(PNG) - 12),
    "EXIF of a wrong check sum": png(chunk(b"eXIf", b"II*\0", sound=False)),
    "ICC profile": png(chunk(b"iCCP", b"x\0\0garbage")),
    "ICC profile cut off": png(chunk(b"iCCP", b"x")),
    "XMP": png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x tiff:Orientation='9'")),
    "compressed text": png(chunk(b"zTXt", b"x\0\0garbage")),
    "text that unpacks to megabytes": png(chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(5_000_000)))),
    "resolution": png(chunk(b"pHYs", b"1")),
    "gamma": png(chunk(b"gAMA", b"1")),
    "primaries": png(chunk(b"cHRM", b"1")),
    "rendering intent": png(chunk(b"sRGB", b"")),
    "transparency": png(chunk(b"tRNS", b"1")),
    "animation": png(chunk(b"acTL", b"12")),
    "bytes at the end": PNG + b"more" * 100,
    "no end": PNG[:-12],
}
JPEGS = {
    "EXIF that is no TIFF": jpeg(0xE1, b"Exif\0\0\x00\x08\x00\x02"),
    "orientation 9": jpeg(0xE1, b"Exif\0\0" + EXIF_HEAD + b"\x03\0\x01\0\0\0\x09" + bytes(7)),
    "orientation in letters": jpeg(0xE1, b"Exif\0\0" + EXIF_HEAD + b"\x02\0\x01\0\0\0A" + bytes(7)),
    "ICC profile": jpeg(0xE2, b"ICC_PROFILE\0\x01\x02garbage"),
    "ICC profile cut off": jpeg(0xE2, b"ICC_PROFILE\0"),
    "XMP": jpeg(0xE1, b"http://ns.adobe.com/xap/1.0/\0<<<"),
    "Photoshop": jpeg(0xED, b"Photoshop 3.0\0" + bytes.fromhex("3842494d03ed000000000001")),
    "Adobe cut off": jpeg(0xEE, b"Adobe\0"),
    "JFIF cut off": jpeg(0xE0, b"JFIF\0"),
    "several pictures": jpeg(0xE2, b"MPF\0garbage"),
    "bytes at the end": JPEG + b"more" * 100,
}


@pytest.mark.parametrize("name", PNGS)
def test_a_png_is_read_whatever_its_metadata(tmp_path, name):
    (tmp_path / "a.png").write_bytes(PNGS[name])
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png"), PIXELS.astype(np.float32) / 255)


@pytest.mark.parametrize("name", JPEGS)
def test_a_jpeg_is_read_whatever_its_metadata(tmp_path, name):
    (tmp_path / "a.jpg").write_bytes(JPEGS[name])
    expected = np.asarray(Image.open(io.BytesIO(JPEG)), dtype=np.float32) / 255
    np.testing.assert_array_equal(read_picture(tmp_path / "a.jpg"), expected)


def test_a_sound_orientation_still_turns_a_png_and_a_jpeg(tmp_path):
    exif = EXIF_HEAD + b"\x03\0\x01\0\0\0\x06" + bytes(7)
    for name, content in (("a.png", png(chunk(b"eXIf", exif))), ("a.jpg", jpeg(0xE1, b"Exif\0\0" + exif))):
        (tmp_path / name).write_bytes(content)
        assert read_picture(tmp_path / name).shape == (30, 20, 3)


def test_a_palette_keeps_its_transparency_without_the_rest(tmp_path):
    buffer = io.BytesIO()
    image = Image.fromarray(np.array([[0, 1]], dtype=np.uint8))
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.save(buffer, "PNG", transparency=1)
    content = buffer.getvalue()
    (tmp_path / "a.png").write_bytes(content[:33] + chunk(b"pHYs", b"1") + content[33:])
    assert read_picture(tmp_path / "a.png").tolist() == [[[1, 0, 0], [1, 1, 1]]]
