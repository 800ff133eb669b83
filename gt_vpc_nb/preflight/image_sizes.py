"""Width and height of a picture from its first bytes, without decoding it: the formats that Ground Truth labels."""

from __future__ import annotations

_PNG = b"\x89PNG\r\n\x1a\n"
# Start-of-frame markers hold the size; 0xC4, 0xC8 and 0xCC among them are tables and extensions.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})


def size_of(head: bytes) -> tuple[int, int] | None:
    r"""Width and height in pixels of a PNG or JPEG; None for another format, or where the bytes end before the size.

    >>> size_of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x30")
    (64, 48)
    """
    if head.startswith(_PNG) and head[12:16] == b"IHDR" and len(head) >= 24:
        return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
    return _of_jpeg(head) if head.startswith(b"\xff\xd8") else None


def _of_jpeg(head: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if marker == 0xFF:
            # Any number of fill bytes may stand before a marker.
            at += 1
        elif marker in _FRAMES:
            return int.from_bytes(head[at + 7 : at + 9]), int.from_bytes(head[at + 5 : at + 7])
        elif marker in _WITHOUT_LENGTH:
            at += 2
        else:
            at += 2 + int.from_bytes(head[at + 2 : at + 4])
    return None
