import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from viewer.server.frames import KEY_EVERY, Encoder, FrameError, coding_of, decode, peek


def depths(rows=30, columns=50, seed=1):
    field = np.random.default_rng(seed).uniform(0, 4, (rows, columns)).astype(np.float32)
    field[:5] = 0
    field[10:12, 3:9] = np.nan
    return field


def test_header_lies_where_the_format_says():
    """Offsets of the published frame format, read by hand."""
    message = Encoder("water_depth", 7).encode(depths(), 90.5, 3, last=True)
    assert message[0:4] == b"BXLF"
    assert message[4:8] == bytes([1, 1, 1 | 2 | 4 | 8, 0])
    assert struct.unpack_from("<II", message, 8) == (7, 50)
    assert struct.unpack_from("<Q", message, 16) == (3,)
    assert struct.unpack_from("<d", message, 24) == (90.5,)
    assert struct.unpack_from("<Q", message, 32) == (3,)
    scale, offset = struct.unpack_from("<ff", message, 40)
    assert (scale, offset) == pytest.approx((np.log1p(5 / 0.02), 0.02), rel=1e-7)
    rows, mask, payload, checksum = struct.unpack_from("<IIII", message, 48)
    assert (rows, mask, payload) == (30, -(-30 * 50 // 8), len(message) - 64)
    assert checksum == zlib.crc32(message[:60] + message[64:])


def test_depth_error_is_what_eight_logarithmic_bits_allow():
    """Half a step of log1p(d/2 cm) over 255 steps to 5 m is 1.09 % of d + 2 cm: 1.5 % at 5.5 cm, less above."""
    depth = np.linspace(0.055, 5.0, 100_000, dtype=np.float32).reshape(100, 1000)
    got = decode(Encoder("water_depth", 1).encode(depth, 0, 1)).values
    assert (np.abs(got - depth) / depth).max() <= 0.015
    dry = decode(Encoder("water_depth", 1).encode(np.zeros((3, 4), np.float32), 0, 1)).values
    assert (dry == 0).all()


def test_linear_fields_come_back_within_half_a_storage_step():
    speed = np.random.default_rng(2).uniform(0, 10, (40, 40)).astype(np.float32)
    got = decode(Encoder("water_speed", 1).encode(speed, 0, 1)).values
    np.testing.assert_allclose(got, speed, atol=0.00051)
    eastward = speed - 5
    got = decode(Encoder("water_velocity_x", 1).encode(eastward, 0, 1)).values
    np.testing.assert_allclose(got, eastward, atol=0.00051)


def test_differences_stand_on_their_key_frame_and_lose_nothing():
    encoder, key = Encoder("water_depth", 1), None
    kinds = []
    for sequence in range(1, 2 * KEY_EVERY + 3):
        field = depths() * np.float32(1 + 0.01 * sequence)
        message = encoder.encode(field, sequence, sequence)
        frame = decode(message, key)
        if peek(message).key:
            key = frame
        kinds.append(peek(message).key)
        alone = decode(Encoder("water_depth", 1).encode(field, sequence, sequence))
        np.testing.assert_array_equal(frame.codes, alone.codes)
        np.testing.assert_array_equal(frame.missing, np.isnan(field))
    assert kinds[0]
    assert 3 <= sum(kinds) < len(kinds)
    assert max(np.diff(np.flatnonzero(kinds))) <= KEY_EVERY


def test_a_change_of_the_missing_cells_makes_a_key_frame():
    encoder = Encoder("water_depth", 1)
    encoder.encode(depths(), 1, 1)
    other = depths()
    other[20, 20] = np.nan
    assert peek(encoder.encode(other, 2, 2)).key


def test_a_difference_without_its_key_frame_is_refused():
    encoder = Encoder("water_depth", 1)
    encoder.encode(depths(), 1, 1)
    message = encoder.encode(depths(), 2, 2)
    with pytest.raises(FrameError, match="key frame 1"):
        decode(message)


@given(cut=st.integers(0, 400), flip=st.integers(0, 10_000))
def test_a_damaged_frame_is_refused(cut, flip):
    message = Encoder("water_depth", 1).encode(depths(), 1, 1)
    with pytest.raises(FrameError):
        decode(message[:cut])
    damaged = bytearray(message)
    damaged[flip % len(message)] ^= 0x40
    with pytest.raises(FrameError):
        decode(bytes(damaged))


@given(
    arrays.arrays(
        np.float32,
        arrays.array_shapes(min_dims=2, max_dims=2, max_side=12),
        elements=st.floats(-50, 50, width=32) | st.just(np.nan),
    )
)
def test_any_field_comes_back_clipped_to_what_its_coding_can_say(field):
    frame = decode(Encoder("water_velocity_y", 1).encode(field, 0, 1))
    np.testing.assert_array_equal(frame.missing, np.isnan(field))
    expected = np.clip(field, -32.768, 32.767)
    np.testing.assert_allclose(frame.values, expected, atol=0.00052)


def test_a_square_kilometre_at_one_metre_takes_at_most_60_kib():
    """1024 x 1024 cells of a flood over smooth ground, the size that the viewer's budget names."""
    n = 1024
    rng = np.random.default_rng(0)
    k = np.hypot(*np.meshgrid(np.fft.fftfreq(n), np.fft.fftfreq(n)))
    k[0, 0] = 1
    ground = np.fft.ifft2(np.fft.fft2(rng.standard_normal((n, n))) * k**-1.8).real
    ground = (ground - ground.min()) / np.ptp(ground) * 30
    encoder = Encoder("water_depth", 1)
    sizes = []
    for step in range(8):
        depth = np.clip(6 + 0.05 * step - ground, 0, None).astype(np.float32)
        sizes.append(len(encoder.encode(depth, step, step + 1)))
    assert np.mean(sizes) <= 60 * 1024
    assert coding_of("water_depth").encoding == 1
