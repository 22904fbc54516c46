import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from viewer.server.channel import Channel, Cursor
from viewer.server.frames import Encoder, decode, peek


def field(step):
    return (np.arange(600, dtype=np.float32).reshape(20, 30) * 0.001 * step) % 3


class Listener:
    """A client that decodes what its cursor gives it."""

    def __init__(self, cursor):
        self.cursor, self.key, self.frame, self.seen = cursor, None, None, []

    def take(self, most=10_000):
        while most and (message := self.cursor.next()) is not None:
            self.frame = decode(message, self.key)
            if peek(message).key:
                self.key = self.frame
            self.seen.append(self.frame.sequence)
            most -= 1


def channel_of(steps, **more):
    channel = Channel("water_depth", "m", 1, {}, **more)
    encoder = Encoder("water_depth", 1)
    for step in range(1, steps + 1):
        channel.push(encoder.encode(field(step), step, step))
    return channel, encoder


def test_a_newcomer_gets_the_newest_frame_after_its_key_frame():
    channel, _ = channel_of(20)
    client = Listener(Cursor(channel))
    client.take()
    assert client.frame.sequence == 20
    assert len(client.seen) <= 2


def test_one_that_resumes_gets_every_frame_it_missed_in_order():
    channel, _ = channel_of(40)
    client = Listener(Cursor(channel, seen=11, catching_up=True))
    client.take()
    assert [one for one in client.seen if one > 11] == list(range(12, 41))


def test_a_slow_client_skips_to_the_newest_and_nothing_is_queued_for_it():
    channel, encoder = channel_of(1)
    client = Listener(Cursor(channel))
    client.take()
    for step in range(2, 60):
        channel.push(encoder.encode(field(step), step, step))
    client.take()
    assert client.seen[-1] == 59
    assert len(client.seen) <= 3


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.booleans()), max_size=60))
def test_whatever_the_pace_and_the_cuts_the_last_state_is_the_same(moves):
    channel, encoder = channel_of(1)
    client, step = Listener(Cursor(channel)), 1
    for new, taken, cut in moves:
        for _ in range(new):
            step += 1
            channel.push(encoder.encode(field(step), step, step))
        client.take(taken)
        if cut:
            frame = client.frame
            client = Listener(Cursor(channel, seen=frame.sequence if frame else 0, catching_up=True))
            client.frame = frame
    client.take()
    expected = decode(Encoder("water_depth", 1).encode(field(step), step, step))
    np.testing.assert_array_equal(client.frame.codes, expected.codes)


def test_frames_are_kept_thirty_seconds_and_then_whole_groups_go():
    now = [0.0]
    channel, encoder = channel_of(0, clock=lambda: now[0], kept_bytes=2000)
    for step in range(1, 200):
        now[0] += 1.0
        channel.push(encoder.encode(field(step), step, step))
    oldest = channel.frames[0]
    assert oldest.header.key
    assert now[0] - oldest.came >= 30
    assert len(channel.frames) < 100
    assert set(channel.keys) == {one.header.sequence for one in channel.frames if one.header.key}
