"""Real headers of archives that are not read here, around content that nobody looks at."""

import struct
import zlib


def seven_zip(content: bytes = bytes(100)) -> bytes:
    start = struct.pack("<QQI", len(content) - 20, 20, zlib.crc32(content[-20:]))
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", zlib.crc32(start)) + start + content


def rar5(content: bytes = bytes(100), header: bytes = b"\x01\x00\x00") -> bytes:
    length = len(header)
    sized = bytes([length] if length < 0x80 else [length & 0x7F | 0x80, length >> 7])
    block = sized + header
    return b"Rar!\x1a\x07\x01\x00" + struct.pack("<I", zlib.crc32(block)) + block + content


def rar4(content: bytes = bytes(100)) -> bytes:
    block = struct.pack("<BHH6x", 0x73, 0, 13)
    return b"Rar!\x1a\x07\x00" + struct.pack("<H", zlib.crc32(block) & 0xFFFF) + block + content
