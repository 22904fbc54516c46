"""One field at one time as one binary message: a 64-byte header and a quantised, packed block."""

import struct
import zlib
from dataclasses import dataclass, replace

import numpy as np
import zstandard

from kernels.quantities import QUANTITIES

MAGIC, VERSION = b"BXLF", 1
LOG8, LINEAR16 = 1, 2
KEY, PACKED, MASKED, LAST = 1, 2, 4, 8
_HEADER = struct.Struct("<4sBBBBIIQdQffIII")
HEADER_BYTES = _HEADER.size + 4
"""The CRC32 of everything before and after it is the last word of the header."""

LOG_OFFSET = 0.02
LOG_MOST = 5.0
KEY_EVERY = 16
"""A key frame at the least every so many frames."""
_LEVEL = 1


class FrameError(ValueError):
    """Bytes that are not a whole frame, or a frame without the key frame it stands on."""


@dataclass(frozen=True)
class Coding:
    """How the values of a quantity become small integers.

    Attributes
    ----------
    encoding : int
        1: uint8, ``value = offset * expm1(code / 255 * scale)``; 2: uint16, ``value = offset + scale * code``.
    scale, offset : float
        In the units of the quantity, except the scale of encoding 1. [1]
    """

    encoding: int
    scale: float
    offset: float

    @property
    def dtype(self) -> np.dtype:
        """Little-endian type of the codes."""
        return np.dtype("<u1" if self.encoding == LOG8 else "<u2")

    def codes(self, values: np.ndarray) -> np.ndarray:
        """Codes of values without NaN, clipped to what the coding can say."""
        if self.encoding == LOG8:
            scaled = np.log1p(np.maximum(values, 0) * np.float32(1 / self.offset)) * np.float32(255 / self.scale)
            return np.minimum(np.rint(scaled), 255).astype(self.dtype)
        return np.clip(np.rint((values - self.offset) * (1 / self.scale)), 0, 65_535).astype(self.dtype)

    def values(self, codes: np.ndarray) -> np.ndarray:
        """Values of codes, float64."""
        if self.encoding == LOG8:
            return self.offset * np.expm1(codes / 255 * self.scale)
        return self.offset + self.scale * codes.astype(float)


def coding_of(name: str, most: float = 0.0) -> Coding:
    """The coding of a quantity: 8-bit logarithmic where its scale is, otherwise 16-bit in its storage step.

    Parameters
    ----------
    name : str
        Quantity.
    most : float
        Largest value that is to be told; where the step does not reach so far, it is made longer.

    Notes
    -----
    At 8 bits depths reach 5 m and the error stays below 1.1 % of ``value + 2 cm``. A 16-bit code of something that has
    a direction (``…_x``, ``…_y``) is centred on zero.
    """
    quantity = QUANTITIES[name]
    if quantity.scale == "log":
        return Coding(LOG8, float(np.float32(np.log1p(LOG_MOST / LOG_OFFSET))), float(np.float32(LOG_OFFSET)))
    low, high = quantity.range or (0.0, 65.535)
    step = quantity.step or (high - low) / 65_535
    signed = low < 0 or name.endswith(("_x", "_y"))
    step = max(step, abs(most) / (32_767 if signed else 65_535))
    return Coding(LINEAR16, float(np.float32(step)), float(np.float32(-32_768 * step if signed else 0.0)))


@dataclass(frozen=True)
class Frame:
    """A frame as it was sent.

    Attributes
    ----------
    stream, sequence, base : int
        Which stream; 1, 2, … by output time; the key frame this one is a difference to (itself for a key frame).
    time : float
        Model time. [s]
    coding : Coding
    codes : (y, x) uint8 or uint16
        Row 0 = south.
    missing : (y, x) bool
    last : bool
        Whether the run ends with this frame.
    """

    stream: int
    sequence: int
    base: int
    time: float
    coding: Coding
    codes: np.ndarray
    missing: np.ndarray
    last: bool = False

    @property
    def values(self) -> np.ndarray:
        """Values, NaN where missing. [units of the quantity]"""
        return np.where(self.missing, np.nan, self.coding.values(self.codes))


class Encoder:
    """Encodes the frames of one field of one run, each once for all clients.

    Parameters
    ----------
    name : str
        Quantity.
    stream : int
        Number that goes into every header.
    most : float
        Largest value that comes, where that is known; see `coding_of`.
    """

    def __init__(self, name: str, stream: int, most: float = 0.0) -> None:
        self.coding = coding_of(name, most)
        self.stream = stream
        self._pack = zstandard.ZstdCompressor(level=_LEVEL)
        self._key: Frame | None = None
        self._key_bytes = 0

    def encode(self, values: np.ndarray, time: float, sequence: int, *, last: bool = False, key: bool = False) -> bytes:
        """Encode one frame.

        Parameters
        ----------
        values : (y, x) float
            NaN where missing.
        time : float
            Model time. [s]
        sequence : int
            1, 2, …
        last : bool
            Whether the run ends with it.
        key : bool
            Insist on a key frame.

        Returns
        -------
        bytes
            A key frame at the start, when the missing cells change, every `KEY_EVERY` frames, and where a difference
            would be larger; otherwise the difference to the last key frame, modulo the width of the code.
        """
        missing = np.isnan(values)
        codes = self.coding.codes(np.where(missing, np.float32(0), values) if missing.any() else values)
        codes[missing] = 0
        frame = Frame(self.stream, sequence, sequence, float(time), self.coding, codes, missing, last)
        known = self._key
        if (
            not key
            and known is not None
            and sequence - known.sequence < KEY_EVERY
            and known.codes.shape == codes.shape
            and np.array_equal(known.missing, missing)
        ):
            packed = self._pack.compress((codes - known.codes).tobytes())
            if len(packed) <= self._key_bytes:
                return _message(replace(frame, base=known.sequence), packed, PACKED, 0)
        mask = np.packbits(missing.ravel(), bitorder="little").tobytes() if missing.any() else b""
        packed = self._pack.compress(mask + codes.tobytes())
        self._key, self._key_bytes = frame, len(packed)
        return _message(frame, packed, KEY | PACKED | (MASKED if mask else 0), len(mask))


def _message(frame: Frame, payload: bytes, flags: int, mask_bytes: int) -> bytes:
    rows, columns = frame.codes.shape
    header = _HEADER.pack(
        MAGIC,
        VERSION,
        frame.coding.encoding,
        flags | (LAST if frame.last else 0),
        0,
        frame.stream,
        columns,
        frame.sequence,
        frame.time,
        frame.base,
        frame.coding.scale,
        frame.coding.offset,
        rows,
        mask_bytes,
        len(payload),
    )
    return header + struct.pack("<I", zlib.crc32(payload, zlib.crc32(header))) + payload


@dataclass(frozen=True)
class Header:
    """What the server needs to know of a frame it passes on."""

    stream: int
    sequence: int
    base: int
    time: float
    key: bool
    last: bool


def peek(message: bytes) -> Header:
    """Read a frame's header without looking at the payload."""
    if len(message) < HEADER_BYTES or message[:4] != MAGIC:
        raise FrameError(f"expected a frame of at least {HEADER_BYTES} bytes that starts with {MAGIC!r}")
    _, _, _, flags, _, stream, _, sequence, time, base, *_ = _HEADER.unpack_from(message)
    return Header(stream, sequence, base, time, bool(flags & KEY), bool(flags & LAST))


def decode(message: bytes, key: Frame | None = None) -> Frame:
    """Decode one frame.

    Parameters
    ----------
    message : bytes
    key : Frame, optional
        The key frame a difference stands on.

    Returns
    -------
    Frame

    Raises
    ------
    FrameError
        Cut off, damaged, of another version, or without its key frame.
    """
    if len(message) < HEADER_BYTES:
        raise FrameError(f"a frame has at least {HEADER_BYTES} bytes, got {len(message)}")
    fields = _HEADER.unpack_from(message)
    magic, version, encoding, flags, _, stream, columns, sequence, time, base, scale, offset, rows, mask, size = fields
    payload = message[HEADER_BYTES:]
    (checksum,) = struct.unpack_from("<I", message, HEADER_BYTES - 4)
    if magic != MAGIC or version != VERSION or encoding not in (LOG8, LINEAR16):
        raise FrameError(f"expected {MAGIC!r} version {VERSION}, got {magic!r} version {version} encoding {encoding}")
    if size != len(payload) or checksum != zlib.crc32(payload, zlib.crc32(message[: HEADER_BYTES - 4])):
        raise FrameError(f"frame {sequence} is damaged: {len(payload)} of {size} bytes, or a wrong checksum")
    coding = Coding(encoding, scale, offset)
    whole = rows * columns * coding.dtype.itemsize + mask
    if flags & PACKED:
        try:
            payload = zstandard.ZstdDecompressor().decompress(payload, max_output_size=whole)
        except zstandard.ZstdError as error:
            raise FrameError(f"frame {sequence} cannot be unpacked: {error}") from error
    if len(payload) != whole:
        raise FrameError(f"frame {sequence} has {len(payload)} bytes instead of {whole}")
    codes = np.frombuffer(payload, coding.dtype, offset=mask).reshape(rows, columns)
    missing = np.zeros((rows, columns), bool)
    if flags & KEY:
        if flags & MASKED:
            bits = np.frombuffer(payload, np.uint8, count=mask)
            missing = np.unpackbits(bits, count=rows * columns, bitorder="little").reshape(rows, columns).astype(bool)
    else:
        if key is None or key.sequence != base or key.codes.shape != codes.shape:
            raise FrameError(f"frame {sequence} stands on key frame {base}, which is not at hand")
        codes, missing = codes + key.codes, key.missing
    return Frame(stream, sequence, base, time, coding, codes, missing, bool(flags & LAST))
