#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""Asks for paths over HTTP/2, each on a connection of its own, and says what came: one line for each.

    http2_ask.py HOST PORT [--body BYTES] [--seconds 10] PATH…
"""
import argparse

import hpack

from h2spec.wire import *


def fields_of(decoder, block):
    fields = dict(decoder.decode(block))
    return " ".join(f"{name} {fields[name]}" for name in ("grpc-status",) if name in fields), fields.get(":status")


def know_window(connection):
    """Waits until the window of the connection has come that follows the preface."""
    connection.send(ping())
    while (got := connection.next()).kind != PING:
        if got.kind == WINDOW_UPDATE:
            connection.window += int.from_bytes(got.payload, "big")


def ask(connection, path, body):
    """Tells each thing that comes, in words. A body is cut to what the windows let through at once."""
    know_window(connection)
    more = [("content-type", "application/grpc"), ("te", "trailers")]
    body = min(body, connection.settings.get(INITIAL_WINDOW_SIZE, 65_535), connection.window)
    connection.send(headers(1, block(request("POST", path, more)), END_HEADERS if body else WHOLE))
    for start in range(0, body, 16_384):
        part = min(16_384, body - start)
        connection.send(data(1, b"x" * part, END_STREAM if start + part == body else 0))
    decoder = hpack.Decoder()
    content = 0
    while True:
        got = connection.next()
        if got.kind == GOAWAY:
            yield str(got)
        if got.stream != 1:
            continue
        if got.kind == DATA:
            content += len(got.payload)
            if got.payload:
                connection.send(window_update(0, len(got.payload)) + window_update(1, len(got.payload)))
        elif got.kind == HEADERS:
            told, status = fields_of(decoder, got.payload)
            if content:
                yield f"{content} bytes"
                content = 0
            yield " ".join(part for part in (status, told) if part)
        elif got.kind == RST_STREAM:
            yield str(got)
            return
        if got.ends_stream:
            if content:
                yield f"{content} bytes"
            yield "end"
            return


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--body", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=10)
    arguments = parser.parse_intermixed_args()
    for path in arguments.paths:
        told = []
        try:
            with Connection(arguments.host, arguments.port, arguments.seconds) as connection:
                connection.handshake()
                for part in ask(connection, path, arguments.body):
                    told.append(part)
        except Closed:
            told.append("closed")
        except Silence:
            told.append("silence")
        print(f"{path.rsplit('/', 1)[-1]}: {', '.join(told)}", flush=True)


if __name__ == "__main__":
    main()
