#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""A service of HTTP/2 in plain text that misbehaves as the last segment of the path says.

Prints `port N` when it listens, and then a line for each request: its path, and how it ended.

    http2_bad_service.py [--port N]
"""
import argparse
import socket
import threading
from collections import Counter

import hpack

from h2spec import wire
from h2spec.wire import *

BEHAVIOURS = {}
TRIES = Counter()
HEAD = block([(":status", "200"), ("content-type", "application/grpc")])
TRAILERS = block([("grpc-status", "0")])
INTERIM = block([(":status", "103"), ("link", "</a>")])


def behaviour(play):
    BEHAVIOURS[play.__name__] = play
    return play


def answer(stream, body=b"ok"):
    return headers(stream, HEAD) + data(stream, body) + headers(stream, TRAILERS, WHOLE)


def of_length(stream, length, body):
    head = block([(":status", "200"), ("content-length", str(length))])
    return headers(stream, head) + data(stream, body, END_STREAM)


def for_ever(connection, payload):
    """Until the gateway has had enough."""
    connection.socket.settimeout(20)
    while True:
        connection.socket.sendall(payload)


# What is in order.


@behaviour
def honest(connection, stream, _):
    connection.send(answer(stream))


@behaviour
def interim_heads(connection, stream, _):
    connection.send(headers(stream, INTERIM) * 3 + answer(stream))


@behaviour
def goaway_with_answer(connection, stream, _):
    connection.send(goaway(stream) + answer(stream))


@behaviour
def goaway_first(connection, stream, attempt):
    """GOAWAY that leaves out the first try."""
    connection.send(answer(stream) if attempt > 1 else goaway(0))


@behaviour
def refused_first(connection, stream, attempt):
    connection.send(answer(stream) if attempt > 1 else reset(stream, 7))


@behaviour
def early_answer(connection, stream, _):
    """A whole answer before the request's body has come, and NO_ERROR."""
    connection.send(answer(stream) + reset(stream, 0))


# What is not.


@behaviour
def ping_flood(connection, stream, _):
    for_ever(connection, ping() * 500)


@behaviour
def settings_flood(connection, stream, _):
    for_ever(connection, settings((MAX_CONCURRENT_STREAMS, 100)) * 500)


@behaviour
def interim_for_ever(connection, stream, _):
    for_ever(connection, headers(stream, INTERIM) * 100)


@behaviour
def empty_data_for_ever(connection, stream, _):
    connection.send(headers(stream, HEAD))
    for_ever(connection, data(stream) * 500)


@behaviour
def continuation_flood(connection, stream, _):
    connection.send(headers(stream, HEAD, 0))
    for_ever(connection, continuation(stream, literal(b"x-flood", b"f" * 16_000), 0))


@behaviour
def huge_head(connection, stream, _):
    """More than any limit, in one header block."""
    connection.send(headers(stream, HEAD + b"\x40" + text(b"x-huge") + text(b"h" * 3900) + b"\xbe" * 10_000, WHOLE))


@behaviour
def trailers_twice(connection, stream, _):
    connection.send(answer(stream) + headers(stream, TRAILERS, WHOLE))


@behaviour
def trailers_without_end(connection, stream, _):
    connection.send(headers(stream, HEAD) + data(stream, b"ok") + headers(stream, TRAILERS))


@behaviour
def head_repeated(connection, stream, _):
    connection.send(headers(stream, HEAD) * 2 + data(stream, b"ok", END_STREAM))


@behaviour
def goaway_always(connection, stream, _):
    connection.send(goaway(0))


@behaviour
def refused_always(connection, stream, _):
    connection.send(reset(stream, 7))


@behaviour
def reset_before_head(connection, stream, _):
    connection.send(reset(stream, 2))


@behaviour
def reset_after_head(connection, stream, _):
    connection.send(headers(stream, HEAD) + data(stream, b"partial") + reset(stream, 2))


@behaviour
def closed_after_head(connection, stream, _):
    connection.send(headers(stream, HEAD) + data(stream, b"partial"))
    raise Closed


@behaviour
def window_zero(connection, stream, _):
    """No more of the request's body may come, for ever."""
    connection.send(settings((INITIAL_WINDOW_SIZE, 0)))


@behaviour
def silent(connection, stream, _):
    pass


@behaviour
def data_beyond_length(connection, stream, _):
    connection.send(of_length(stream, 1, b"okokokok"))


@behaviour
def data_below_length(connection, stream, _):
    connection.send(of_length(stream, 100, b"ok"))


@behaviour
def data_beyond_window(connection, stream, _):
    connection.send(headers(stream, HEAD))
    for_ever(connection, data(stream, b"x" * 16_384))


@behaviour
def data_before_head(connection, stream, _):
    connection.send(data(stream, b"ok", END_STREAM))


@behaviour
def data_on_idle_stream(connection, stream, _):
    connection.send(data(stream + 100, b"ok"))


@behaviour
def frame_too_large(connection, stream, _):
    connection.send(headers(stream, HEAD) + data(stream, b"x" * 100_000))


@behaviour
def push_promise(connection, stream, _):
    connection.send(frame(PUSH_PROMISE, END_HEADERS, stream, number(2) + block(request())))


@behaviour
def without_status(connection, stream, _):
    connection.send(headers(stream, block([("x-test", "1")]), WHOLE))


@behaviour
def switching_protocols(connection, stream, _):
    connection.send(headers(stream, block([(":status", "101")])) + answer(stream))


@behaviour
def line_break_in_value(connection, stream, _):
    connection.send(headers(stream, HEAD + literal(b"x-test", b"a\r\nx-smuggled: 1"), WHOLE))


@behaviour
def bad_hpack(connection, stream, _):
    connection.send(headers(stream, b"\x80", WHOLE))


def serve(accepted):
    with wire.Connection(accepted=accepted, timeout=60) as connection:
        connection.send(settings())
        preface = bytearray()
        while len(preface) < len(PREFACE):
            preface += accepted.recv(len(PREFACE) - len(preface)) or PREFACE
        decoder = hpack.Decoder()
        name = "nothing"
        try:
            while True:
                got = connection.next()
                if got.kind == SETTINGS and not got.flags & ACK:
                    connection.send(settings(flags=ACK))
                elif got.kind == PING and not got.flags & ACK:
                    connection.send(ping(got.payload, ACK))
                elif got.kind == DATA and got.payload:
                    # One request's body takes nothing from the next ones; its own stream gets no more than it had.
                    connection.send(window_update(0, len(got.payload)))
                elif got.kind in (GOAWAY, RST_STREAM):
                    print(f"{name}: {got}", flush=True)
                elif got.kind == HEADERS and (path := dict(decoder.decode(got.payload)).get(":path")):
                    name = path.rsplit("/", 1)[-1]
                    TRIES[path] += 1
                    play = BEHAVIOURS.get(name.split("?", 1)[0], honest)
                    play(connection, got.stream, TRIES[path])
        except (Closed, Silence, OSError):
            print(f"{name}: closed", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    with socket.create_server(("127.0.0.1", arguments.port), backlog=128) as listener:
        print(f"port {listener.getsockname()[1]}", flush=True)
        while True:
            accepted, _ = listener.accept()
            threading.Thread(target=serve, args=(accepted,), daemon=True).start()


if __name__ == "__main__":
    main()
