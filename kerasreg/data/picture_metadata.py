"""Pictures' files without what is not needed to show their pixels.

Pillow gives up a whole picture for some faults in its metadata, which every viewer passes over.
"""

import struct
import zlib

PNG_START = b"\x89PNG\r\n\x1a\n"
JPEG_START = b"\xff\xd8\xff"
_TRANSPARENCY_SIZES = {0: (2,), 2: (6,), 3: range(1, 257)}  # of tRNS, by the header's kind of color
_ADOBE, _COMMENT, _SCAN = 0xEE, 0xFE, 0xDA


def without_metadata(content: bytes) -> bytes | None:
    """Returns a PNG or JPEG file without its metadata.

    Of a PNG the header, palette, transparency and pixels are left; of a JPEG everything but comments and
    the applications' segments, of which Adobe's says how its colors are to be read.

    Args:
        content: The file.

    Returns:
        The file that is left, or `None` if this is neither a PNG nor a JPEG, or is cut off or damaged
        elsewhere.
    """
    if content.startswith(PNG_START):
        return _png(content)
    if content.startswith(JPEG_START):
        return _jpeg(content)
    return None


def _png(content: bytes) -> bytes | None:
    kept, position, color = [PNG_START], len(PNG_START), None
    while position + 12 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, position)
        end = position + 12 + size
        if end > len(content):
            return None
        data = content[position + 8 : end - 4]
        sound = zlib.crc32(kind + data) == struct.unpack_from(">I", content, end - 4)[0]
        if kind == b"IHDR" and len(data) > 9:
            color = data[9]
        critical = kind[:1].isupper()
        if critical or (kind == b"tRNS" and sound and size in _TRANSPARENCY_SIZES.get(color, ())):
            kept.append(content[position:end])
        if kind == b"IEND":
            return b"".join(kept)
        position = end
    return None


def _jpeg(content: bytes) -> bytes | None:
    kept, position = [content[:2]], 2
    while position + 4 <= len(content) and content[position] == 0xFF:
        marker, size = content[position + 1], struct.unpack_from(">H", content, position + 2)[0]
        if marker == _SCAN:
            return b"".join([*kept, content[position:]])
        application = 0xE0 <= marker <= 0xEF and not (marker == _ADOBE and size >= 14)
        if not application and marker != _COMMENT:
            kept.append(content[position : position + 2 + size])
        position += 2 + size
    return None
