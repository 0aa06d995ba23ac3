# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""Frames, streams and connections: RFC 7540, sections 3 to 7."""
from .cases import (Skipped, answered, case, closed, connection_error, data_of, goaway_and_end, head_arrives,
                    ping_answered, ping_answered_or_closed, settings_acknowledged, stream_error)
from .wire import *

(PROTOCOL_ERROR, FLOW_CONTROL_ERROR, STREAM_CLOSED, FRAME_SIZE_ERROR, REFUSED_STREAM, COMPRESSION_ERROR
 ) = 1, 3, 5, 6, 7, 9

GET = block(request())
POST = block(request("POST"))
MORE = block([("x-test", "ok")])
LARGE = block(request(extra=[(f"x-large-{number}", "~" * 4000) for number in range(5)]))

UNKNOWN = frame(0x16, 0, 0, b"\0" * 8)


def too_many_streams(connection):
    limit = connection.settings.get(MAX_CONCURRENT_STREAMS)
    if limit is None or limit > 10_000:
        raise Skipped("no limit on streams")
    connection.send(b"".join(headers(1 + 2 * number, POST) for number in range(limit + 1)))


def larger_than_allowed(connection):
    """A payload of one byte more than the server takes."""
    return connection.settings.get(MAX_FRAME_SIZE, 16_384) + 1


def large_data(connection):
    connection.send(headers(1, POST) + data(1, b"\0" * larger_than_allowed(connection), END_STREAM))


def large_headers(connection):
    size = larger_than_allowed(connection)
    connection.send(headers(1, LARGE[:size] + b"\0" * max(0, size - len(LARGE)), WHOLE))


def window(size):
    return settings((INITIAL_WINDOW_SIZE, size))


STARTING = [
    case("3.5/1", "a client's preface", PREFACE + settings(), settings_acknowledged, initial=None),
    case("3.5/2", "a wrong preface", b"INVALID CONNECTION PREFACE\r\n\r\n", closed, initial=None),
]

FRAMES = [
    case("4.1/1", "a frame of an unknown type", UNKNOWN, ping_answered),
    case("4.1/2", "PING with flags that mean nothing", ping(b"h2spec\0\1", 0xFE), ping_answered),
    case("4.1/3", "PING with the reserved bit", frame(PING, 0, 0x80000000, b"h2spec\0\1"), ping_answered),
    case("4.2/1", "DATA of 16,384 bytes", headers(1, POST), data(1, b"\0" * 16_384, END_STREAM), answered()),
    case("4.2/2", "DATA beyond SETTINGS_MAX_FRAME_SIZE", large_data, stream_error(FRAME_SIZE_ERROR)),
    case("4.2/3", "HEADERS beyond SETTINGS_MAX_FRAME_SIZE", large_headers, connection_error(FRAME_SIZE_ERROR)),
    case(
        "4.3/1", "a header block that cannot be decoded", headers(1, GET + b"\x40\x01\x40\x40", WHOLE),
        connection_error(COMPRESSION_ERROR)),
    case(
        "4.3/2", "PRIORITY amid a header block", headers(1, GET, END_STREAM), priority(1), continuation(1, MORE),
        connection_error(PROTOCOL_ERROR)),
    case(
        "4.3/3", "HEADERS of another stream amid a header block", headers(1, GET, END_STREAM), headers(3, GET, WHOLE),
        connection_error(PROTOCOL_ERROR)),
]

STREAMS = [
    case("5.1/1", "idle: DATA", data(1, b"test", END_STREAM), connection_error(PROTOCOL_ERROR)),
    case("5.1/2", "idle: RST_STREAM", reset(1), connection_error(PROTOCOL_ERROR)),
    case("5.1/3", "idle: WINDOW_UPDATE", window_update(1, 100), connection_error(PROTOCOL_ERROR)),
    case("5.1/4", "idle: CONTINUATION", continuation(1, GET), connection_error(PROTOCOL_ERROR)),
    case(
        "5.1/5", "half-closed: DATA", headers(1, GET, WHOLE) + data(1, b"test", END_STREAM),
        stream_error(STREAM_CLOSED)),
    case(
        "5.1/6", "half-closed: HEADERS", headers(1, GET, WHOLE) + headers(1, GET, WHOLE), stream_error(STREAM_CLOSED)),
    case(
        "5.1/7", "half-closed: CONTINUATION", headers(1, GET, WHOLE) + continuation(1, MORE),
        connection_error(STREAM_CLOSED, PROTOCOL_ERROR)),
    case(
        "5.1/8", "closed by RST_STREAM: DATA", headers(1, POST), reset(1), data(1, b"test", END_STREAM),
        stream_error(STREAM_CLOSED)),
    case(
        "5.1/9", "closed by RST_STREAM: HEADERS", headers(1, POST), reset(1), headers(1, GET, WHOLE),
        stream_error(STREAM_CLOSED)),
    case(
        "5.1/10", "closed by RST_STREAM: CONTINUATION", headers(1, POST), reset(1), continuation(1, MORE),
        connection_error(STREAM_CLOSED, PROTOCOL_ERROR)),
    case(
        "5.1/11", "closed: DATA", headers(1, GET, WHOLE), answered(), data(1, b"test", END_STREAM),
        stream_error(STREAM_CLOSED)),
    case(
        "5.1/12", "closed: HEADERS", headers(1, GET, WHOLE), answered(), headers(1, GET, WHOLE),
        connection_error(STREAM_CLOSED)),
    case(
        "5.1/13", "closed: CONTINUATION", headers(1, GET, WHOLE), answered(), continuation(1, MORE),
        connection_error(STREAM_CLOSED, PROTOCOL_ERROR)),
    case("5.1.1/1", "an even stream", headers(2, GET, WHOLE), connection_error(PROTOCOL_ERROR)),
    case(
        "5.1.1/2", "a stream below an earlier one", headers(5, GET, WHOLE), headers(3, GET, WHOLE),
        connection_error(PROTOCOL_ERROR)),
    case("5.1.2/1", "more streams than allowed", too_many_streams, stream_error(PROTOCOL_ERROR, REFUSED_STREAM)),
    case(
        "5.3.1/1", "HEADERS that depend on themselves", headers(1, priority_fields(1) + GET, WHOLE | WITH_PRIORITY),
        stream_error(PROTOCOL_ERROR)),
    case("5.3.1/2", "PRIORITY that depends on itself", priority(2, 2), stream_error(PROTOCOL_ERROR)),
    case("5.4.1/1", "a wrong PING closes the connection", frame(PING, 0, 3, b"\0" * 8), closed),
    case("5.4.1/2", "a wrong PING, and GOAWAY", frame(PING, 0, 3, b"\0" * 8), goaway_and_end(PROTOCOL_ERROR)),
    case("5.5/1", "a frame of an extension", frame(0xFF, 0xFF, 0, b"h2spec"), ping_answered),
    case(
        "5.5/2", "an unknown frame amid a header block", headers(1, GET, END_STREAM), UNKNOWN, continuation(1, MORE),
        connection_error(PROTOCOL_ERROR)),
]

DATA_AND_HEADERS = [
    case("6.1/1", "DATA on stream 0", data(0, b"test", END_STREAM), connection_error(PROTOCOL_ERROR)),
    case(
        "6.1/2", "DATA on a stream that is not open", headers(1, GET, WHOLE) + data(1, b"test", END_STREAM),
        stream_error(STREAM_CLOSED)),
    case(
        "6.1/3", "DATA with too long padding", headers(1, POST), data(1, b"\x06test", END_STREAM | PADDED),
        connection_error(PROTOCOL_ERROR)),
    case(
        "6.2/1", "HEADERS without END_HEADERS, then PRIORITY", headers(1, GET, END_STREAM), priority(1),
        connection_error(PROTOCOL_ERROR)),
    case(
        "6.2/2", "HEADERS without END_HEADERS, then HEADERS of another stream", headers(1, GET, END_STREAM),
        headers(3, GET, WHOLE), connection_error(PROTOCOL_ERROR)),
    case("6.2/3", "HEADERS on stream 0", headers(0, GET, WHOLE), connection_error(PROTOCOL_ERROR)),
    case(
        "6.2/4", "HEADERS with too long padding", headers(1, bytes([len(GET) + 1]) + GET, WHOLE | PADDED),
        connection_error(PROTOCOL_ERROR)),
]

CONTROL = [
    case("6.3/1", "PRIORITY on stream 0", priority(0), connection_error(PROTOCOL_ERROR)),
    case("6.3/2", "PRIORITY of 4 bytes", headers(1, POST), frame(PRIORITY, 0, 1, b"\x80\0\0\1"),
         stream_error(FRAME_SIZE_ERROR)),
    case("6.4/1", "RST_STREAM on stream 0", reset(0), connection_error(PROTOCOL_ERROR)),
    case("6.4/2", "RST_STREAM on an idle stream", reset(1), connection_error(PROTOCOL_ERROR)),
    case("6.4/3", "RST_STREAM of 3 bytes", headers(1, POST), frame(RST_STREAM, 0, 1, b"\0\0\0"),
         stream_error(FRAME_SIZE_ERROR)),
    case("6.5/1", "SETTINGS ACK with a payload", frame(SETTINGS, ACK, 0, b"\0"), connection_error(FRAME_SIZE_ERROR)),
    case("6.5/2", "SETTINGS on a stream", frame(SETTINGS, 0, 1, b"\0\3\0\0\0\x64"), connection_error(PROTOCOL_ERROR)),
    case("6.5/3", "SETTINGS of 3 bytes", frame(SETTINGS, 0, 0, b"\0\3\0"), connection_error(FRAME_SIZE_ERROR)),
    case("6.5.2/1", "SETTINGS_ENABLE_PUSH of 2", settings((ENABLE_PUSH, 2)), connection_error(PROTOCOL_ERROR)),
    case(
        "6.5.2/2", "SETTINGS_INITIAL_WINDOW_SIZE of 2^31", window(1 << 31), connection_error(FLOW_CONTROL_ERROR)),
    case(
        "6.5.2/3", "SETTINGS_MAX_FRAME_SIZE below 16,384", settings((MAX_FRAME_SIZE, 16_383)),
        connection_error(PROTOCOL_ERROR)),
    case(
        "6.5.2/4", "SETTINGS_MAX_FRAME_SIZE of 2^24", settings((MAX_FRAME_SIZE, 1 << 24)),
        connection_error(PROTOCOL_ERROR)),
    case("6.5.2/5", "an unknown setting", settings((0xFF, 1)), ping_answered),
    case(
        "6.5.3/1", "SETTINGS_INITIAL_WINDOW_SIZE twice", settings((INITIAL_WINDOW_SIZE, 100), (INITIAL_WINDOW_SIZE, 1)),
        headers(1, GET, WHOLE), data_of(1)),
    case("6.5.3/2", "SETTINGS are acknowledged", settings(), settings_acknowledged),
    case("6.7/1", "PING", ping_answered),
    case("6.7/2", "PING ACK is not answered", ping(b"invalid\0", ACK), ping_answered),
    case("6.7/3", "PING on a stream", frame(PING, 0, 1, b"\0" * 8), connection_error(PROTOCOL_ERROR)),
    case("6.7/4", "PING of 6 bytes", frame(PING, 0, 0, b"\0" * 6), connection_error(FRAME_SIZE_ERROR)),
    case("6.8/1", "GOAWAY on a stream", goaway(stream=1), connection_error(PROTOCOL_ERROR)),
]

WINDOWS = [
    case("6.9/1", "WINDOW_UPDATE of 0", window_update(0, 0), connection_error(PROTOCOL_ERROR)),
    case("6.9/2", "WINDOW_UPDATE of 0 on a stream", headers(1, POST), window_update(1, 0),
         stream_error(PROTOCOL_ERROR)),
    case("6.9/3", "WINDOW_UPDATE of 3 bytes", frame(WINDOW_UPDATE, 0, 0, b"\0\0\1"),
         connection_error(FRAME_SIZE_ERROR)),
    case("6.9.1/1", "a window of 1", window(1), headers(1, GET, WHOLE), data_of(1)),
    case(
        "6.9.1/2", "a window of the connection above 2^31-1", window_update(0, LARGEST_WINDOW),
        window_update(0, LARGEST_WINDOW), connection_error(FLOW_CONTROL_ERROR)),
    case(
        "6.9.1/3", "a window of a stream above 2^31-1", headers(1, POST), window_update(1, LARGEST_WINDOW),
        window_update(1, LARGEST_WINDOW), stream_error(FLOW_CONTROL_ERROR, stream=1)),
    case(
        "6.9.2/1", "a window that is set after HEADERS", window(0), headers(1, GET, WHOLE), head_arrives(), window(1),
        data_of(1)),
    case(
        "6.9.2/2", "a window below zero", window(3), headers(1, GET, WHOLE), data_of(3), window(2),
        window_update(1, 2), data_of(1)),
    case("6.9.2/3", "a window set to 2^31", window(1 << 31), connection_error(FLOW_CONTROL_ERROR)),
]

CONTINUATIONS = [
    case(
        "6.10/1", "several CONTINUATION", headers(1, GET, END_STREAM), continuation(1, MORE, 0), continuation(1, MORE),
        answered()),
    case(
        "6.10/2", "CONTINUATION, then another frame", headers(1, GET, END_STREAM), continuation(1, MORE, 0),
        data(1, b"test", END_STREAM), connection_error(PROTOCOL_ERROR)),
    case(
        "6.10/3", "CONTINUATION on stream 0", headers(1, GET, END_STREAM), continuation(0, MORE),
        connection_error(PROTOCOL_ERROR)),
    case(
        "6.10/4", "CONTINUATION after HEADERS with END_HEADERS", headers(1, GET, WHOLE) + continuation(1, MORE),
        connection_error(PROTOCOL_ERROR)),
    case(
        "6.10/5", "CONTINUATION after CONTINUATION with END_HEADERS",
        headers(1, GET, END_STREAM) + continuation(1, MORE) + continuation(1, MORE), connection_error(PROTOCOL_ERROR)),
    case(
        "6.10/6", "CONTINUATION after DATA", headers(1, POST), data(1, b"test"), continuation(1, MORE),
        connection_error(PROTOCOL_ERROR)),
]

CODES = [
    case("7/1", "GOAWAY with an unknown code", goaway(code=0xFF), ping_answered_or_closed),
    case("7/2", "RST_STREAM with an unknown code", headers(1, POST), reset(1, 0xFF), ping_answered),
]

CASES = STARTING + FRAMES + STREAMS + DATA_AND_HEADERS + CONTROL + WINDOWS + CONTINUATIONS + CODES
