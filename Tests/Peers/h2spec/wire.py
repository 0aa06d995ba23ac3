# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""Frames of HTTP/2 as bytes, right and wrong ones, and a connection that sends them as they are."""
import socket
import struct
import time
from collections import namedtuple

import hpack

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
KINDS = "DATA HEADERS PRIORITY RST_STREAM SETTINGS PUSH_PROMISE PING GOAWAY WINDOW_UPDATE CONTINUATION".split()

END_STREAM = ACK = 0x1
END_HEADERS = 0x4
PADDED = 0x8
WITH_PRIORITY = 0x20
WHOLE = END_STREAM | END_HEADERS

ERRORS = (
    "NO_ERROR PROTOCOL_ERROR INTERNAL_ERROR FLOW_CONTROL_ERROR SETTINGS_TIMEOUT STREAM_CLOSED FRAME_SIZE_ERROR "
    "REFUSED_STREAM CANCEL COMPRESSION_ERROR CONNECT_ERROR ENHANCE_YOUR_CALM INADEQUATE_SECURITY HTTP_1_1_REQUIRED"
).split()

(HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE, MAX_HEADER_LIST_SIZE
 ) = range(1, 7)

LARGEST_WINDOW = 0x7FFFFFFF


def error_name(code):
    return ERRORS[code] if code < len(ERRORS) else f"error {code}"


def number(value):
    return struct.pack(">I", value)


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + number(stream) + payload


def data(stream, payload=b"", flags=0):
    return frame(DATA, flags, stream, payload)


def headers(stream, block, flags=END_HEADERS):
    return frame(HEADERS, flags, stream, block)


def continuation(stream, block, flags=END_HEADERS):
    return frame(CONTINUATION, flags, stream, block)


def priority(stream, dependency=0, weight=15, exclusive=False):
    return frame(PRIORITY, 0, stream, priority_fields(dependency, weight, exclusive))


def priority_fields(dependency=0, weight=15, exclusive=False):
    return number(dependency | (0x80000000 if exclusive else 0)) + bytes([weight])


def reset(stream, code=8):
    return frame(RST_STREAM, 0, stream, number(code))


def settings(*pairs, flags=0):
    return frame(SETTINGS, flags, 0, b"".join(struct.pack(">HI", key, value) for key, value in pairs))


def ping(payload=b"\0" * 8, flags=0):
    return frame(PING, flags, 0, payload)


def goaway(last=0, code=0, debug=b"", stream=0):
    return frame(GOAWAY, 0, stream, number(last) + number(code) + debug)


def window_update(stream, increment):
    return frame(WINDOW_UPDATE, 0, stream, number(increment))


def request(method="GET", path="/", extra=(), authority="localhost"):
    """The fields of a request, in an order that tests may change."""
    return [(":method", method), (":scheme", "http"), (":path", path), (":authority", authority), *extra]


def block(fields):
    """A header block that stands by itself: a new encoder refers to nothing that earlier blocks added."""
    return hpack.Encoder().encode(fields)


def integer(value, prefix, first=0):
    """An integer of HPACK (RFC 7541, section 5.1)."""
    coded = bytearray(hpack.hpack.encode_integer(value, prefix))
    coded[0] |= first
    return bytes(coded)


def text(value):
    """A string of HPACK as it is (RFC 7541, section 5.2)."""
    return integer(len(value), 7) + value


def huffman(value):
    """A string of HPACK in the Huffman code."""
    tables = hpack.huffman_constants
    coded = hpack.huffman.HuffmanEncoder(tables.REQUEST_CODES, tables.REQUEST_CODES_LENGTH).encode(value)
    return integer(len(coded), 7, 0x80) + coded


def literal(name, value):
    """A field without indexing: for names and values that an encoder would mend."""
    return b"\0" + text(name) + text(value)


class Frame(namedtuple("Frame", "kind flags stream payload")):
    @property
    def name(self):
        return KINDS[self.kind] if self.kind < len(KINDS) else f"frame {self.kind}"

    @property
    def code(self):
        """Of RST_STREAM and GOAWAY."""
        return struct.unpack_from(">I", self.payload, 4 if self.kind == GOAWAY else 0)[0]

    @property
    def ends_stream(self):
        return self.kind in (DATA, HEADERS) and bool(self.flags & END_STREAM)

    def __str__(self):
        if self.kind in (RST_STREAM, GOAWAY):
            return f"{self.name} {error_name(self.code)}"
        acknowledges = " ACK" if self.kind in (SETTINGS, PING) and self.flags & ACK else ""
        return f"{self.name}{acknowledges} of {len(self.payload)} bytes on stream {self.stream}"


class Closed(Exception):
    """The peer has closed the connection."""


class Silence(Exception):
    """Nothing came in time."""


class Connection:
    """One connection, which answers nothing by itself but the peer's first SETTINGS."""

    def __init__(self, host=None, port=None, timeout=1.0, accepted=None):
        """To a server; or, with a socket that was accepted, to a client."""
        self.timeout = timeout
        self.socket = accepted or socket.create_connection((host, port), timeout=max(timeout, 5))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()
        self.settings = {}
        # What may be sent on all streams together, as far as `handshake` knows.
        self.window = 65_535
        self.decoder = hpack.Decoder()
        self.sent = self.received = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, payload):
        """What cannot be sent any more is no error: what the peer said before it closed is still to be read."""
        try:
            self.socket.sendall(payload)
            self.sent += len(payload)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def handshake(self, *pairs):
        """Both prefaces, and the acknowledgements of both SETTINGS."""
        self.send(PREFACE + settings(*pairs))
        acknowledged = known = False
        while not (acknowledged and known):
            got = self.next(seconds=5)
            if got.kind == SETTINGS and got.flags & ACK:
                acknowledged = True
            elif got.kind == SETTINGS:
                known = True
                self.settings = dict(struct.iter_unpack(">HI", got.payload))
                self.send(settings(flags=ACK))
            elif got.kind == WINDOW_UPDATE:
                self.window += int.from_bytes(got.payload, "big")
            elif got.kind == GOAWAY:
                raise Closed(str(got))

    def fill(self, deadline):
        """Waits until something has come."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise Silence
        self.socket.settimeout(left)
        try:
            got = self.socket.recv(65536)
        except TimeoutError:
            raise Silence from None
        except ConnectionError:
            raise Closed from None
        if not got:
            raise Closed
        self.received += len(got)
        self.buffer += got

    def take(self):
        """The next frame that has come whole, if any."""
        if len(self.buffer) < 9:
            return None
        size = int.from_bytes(self.buffer[:3], "big")
        if len(self.buffer) < 9 + size:
            return None
        kind, flags, stream = struct.unpack_from(">BBI", self.buffer, 3)
        got = Frame(kind, flags, stream & LARGEST_WINDOW, bytes(self.buffer[9:9 + size]))
        del self.buffer[:9 + size]
        return got

    def next(self, seconds=None):
        """The next frame.

        Raises Closed at the end, and Silence when none comes in time.
        """
        deadline = time.monotonic() + (seconds or self.timeout)
        while (got := self.take()) is None:
            self.fill(deadline)
        return got

    def until(self, wanted, seconds=None):
        """The first frame that `wanted` says yes to."""
        deadline = time.monotonic() + (seconds or self.timeout)
        while True:
            got = self.next(max(deadline - time.monotonic(), 0.001))
            if wanted(got):
                return got

    def status(self, head):
        """The status of a HEADERS frame with a whole header block."""
        fields = dict(self.decoder.decode(head.payload, raw=True))
        return int(fields.get(b":status", b"0"))
