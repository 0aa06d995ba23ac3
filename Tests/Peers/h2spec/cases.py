# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""What a case is made of: steps, of which bytes are sent and functions are called, and what is expected then."""
from collections import namedtuple

from . import wire
from .wire import DATA, GOAWAY, HEADERS, PING, RST_STREAM, SETTINGS, Closed, Silence

# `connection`: the settings the client begins with, or None for a connection on which nothing was sent.
Case = namedtuple("Case", "name what steps expectation initial")


def case(name, what, *steps, initial=()):
    """The last step is what is expected."""
    return Case(name, what, steps[:-1], steps[-1], initial)


class Failed(Exception):
    def __init__(self, expected, got):
        super().__init__(f"expected {expected}, got {got}")


class Skipped(Exception):
    """The server's settings leave nothing to try."""


def play(given, host, port, timeout):
    """Raises Failed when the server does something else than what is expected."""
    with wire.Connection(host, port, timeout) as connection:
        if given.initial is not None:
            try:
                connection.handshake(*given.initial)
            except (Closed, Silence) as error:
                raise Failed("the server's preface", repr(error)) from None
        for step in given.steps:
            if isinstance(step, bytes):
                connection.send(step)
            else:
                step(connection)
        given.expectation(connection)


def first(connection, expected, judge):
    """Reads until `judge` says yes to a frame, or to None, which is the end of the connection."""
    last = "silence"
    while True:
        try:
            got = connection.next()
        except Closed:
            if judge(None):
                return None
            raise Failed(expected, f"the end of the connection after {last}") from None
        except Silence:
            raise Failed(expected, last) from None
        if judge(got):
            return got
        last = str(got)
        if got.kind == GOAWAY:
            raise Failed(expected, last)


def names(codes):
    return " or ".join(wire.error_name(code) for code in codes)


def connection_error(*codes):
    """GOAWAY with one of the codes, or the end of the connection (RFC 9113, section 5.4.1)."""

    def expectation(connection):
        first(
            connection, f"GOAWAY {names(codes)}",
            lambda got: got is None or (got.kind == GOAWAY and got.code in codes))

    return expectation


def goaway_and_end(*codes):
    """GOAWAY with one of the codes, and then the end."""

    def expectation(connection):
        first(
            connection, f"GOAWAY {names(codes)}",
            lambda got: got is not None and got.kind == GOAWAY and got.code in codes)
        first(connection, "the end after GOAWAY", lambda got: got is None)

    return expectation


def stream_error(*codes, stream=None):
    """RST_STREAM with one of the codes; an error of the connection does as well (RFC 9113, section 5.4.2)."""

    def judge(got):
        if got is None:
            return True
        return (got.kind == GOAWAY or (got.kind == RST_STREAM and stream in (None, got.stream))) and got.code in codes

    return lambda connection: first(connection, f"RST_STREAM or GOAWAY {names(codes)}", judge) and None


def closed(connection):
    """The end of the connection, with or without GOAWAY; whatever else comes is no frame."""
    try:
        while True:
            connection.buffer.clear()
            connection.fill(wire.time.monotonic() + connection.timeout)
    except Closed:
        pass
    except Silence:
        raise Failed("the end of the connection", "silence") from None


def answered(stream=1):
    """A response to its end, whatever its status."""

    def expectation(connection):
        got = first(
            connection, f"a response on stream {stream}",
            lambda got: got is not None and got.stream == stream and (got.ends_stream or got.kind == RST_STREAM))
        # A server that needs no more of a request says so after its response (RFC 9113, section 8.1).
        if got.kind == RST_STREAM and got.code != 0:
            raise Failed(f"a response on stream {stream}", got)

    return expectation


def status(wanted, stream=1):
    """A response of this status, to its end."""

    def expectation(connection):
        head = first(
            connection, f"HEADERS on stream {stream}",
            lambda got: got is not None and got.stream == stream and got.kind in (HEADERS, RST_STREAM))
        got = connection.status(head) if head.kind == HEADERS else head
        if got != wanted:
            raise Failed(f"status {wanted}", got)
        if not head.ends_stream:
            answered(stream)(connection)

    return expectation


def ping_answered(connection):
    """The connection is still in use."""
    payload = b"h2spec\0\0"
    connection.send(wire.ping(payload))
    first(
        connection, "PING ACK",
        lambda got: got is not None and got.kind == PING and got.flags & wire.ACK and got.payload == payload)


def ping_answered_or_closed(connection):
    payload = b"h2spec\0\0"
    connection.send(wire.ping(payload))
    first(
        connection, "PING ACK or the end",
        lambda got: got is None or (got.kind == PING and got.flags & wire.ACK and got.payload == payload))


def settings_acknowledged(connection):
    first(
        connection, "SETTINGS ACK", lambda got: got is not None and got.kind == SETTINGS and got.flags & wire.ACK)


def head_arrives(stream=1):
    return lambda connection: first(
        connection, "HEADERS", lambda got: got is not None and got.kind == HEADERS and got.stream == stream)


def data_of(size, stream=1):
    """The next DATA is of so many bytes."""

    def expectation(connection):
        got = first(
            connection, f"DATA of {size} bytes",
            lambda got: got is not None and got.kind == DATA and got.stream == stream)
        if len(got.payload) != size:
            raise Failed(f"DATA of {size} bytes", got)

    return expectation
