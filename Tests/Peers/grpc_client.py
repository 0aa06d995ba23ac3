#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""Calls of gRPC for the tests, to grpc_server.py, through whatever is between.

Prints a line for each case, `ok NAME` or `FAILED NAME: …`, and exits with 1 if one failed.

    grpc_client.py ADDRESS [--authority FILE] [--calls N] [CASE …]

With --calls that many calls of the four kinds are made, from many threads; the last line counts those that failed.
"""
import argparse
import sys
import threading
from concurrent import futures

import grpc


class Client:
    def __init__(self, channel):
        self.unary = channel.unary_unary("/test.Echo/Unary")
        self.deadline = channel.unary_unary("/test.Echo/Deadline")
        self.client_stream = channel.stream_unary("/test.Echo/ClientStream")
        self.server_stream = channel.unary_stream("/test.Echo/ServerStream")
        self.bidirectional = channel.stream_stream("/test.Echo/Bidirectional")
        self.missing = channel.unary_unary("/test.Echo/Missing")


def expect(got, wanted):
    if got != wanted:
        raise AssertionError(f"got {got!r}, wanted {wanted!r}")


def unary(client):
    expect(client.unary(b"hello", timeout=10), b"hello")
    expect(client.unary(b"", timeout=10), b"")


def metadata(client):
    sent = [("x-text", "a b"), ("x-data-bin", bytes(range(256)))]
    answer, call = client.unary.with_call(b"m", metadata=sent, timeout=10)
    head = {key: value for key, value in call.initial_metadata()}
    tail = {key: value for key, value in call.trailing_metadata()}
    for key, value in sent:
        expect(head.get(key), value)
        expect(tail.get("trailing-" + key), value)


def large(client):
    message = b"0123456789abcdef" * (5 * 65536)
    expect(client.unary(message, timeout=30), message)
    expect(len(client.unary(b"size 6000000", timeout=30)), 6_000_000)


def deadline(client):
    expect(client.deadline(b"", timeout=100), b"10")
    try:
        client.unary(b"sleep 3", timeout=0.3)
        raise AssertionError("the deadline passed unnoticed")
    except grpc.RpcError as error:
        expect(error.code(), grpc.StatusCode.DEADLINE_EXCEEDED)


def errors(client):
    for code in (3, 5, 16):
        try:
            client.unary(b"fail %d" % code, timeout=10)
            raise AssertionError("it did not fail")
        except grpc.RpcError as error:
            expect(error.code().value[0], code)
            expect(error.details(), "asked to fail: 100 % sure, ünicode")


def trailers_only(client):
    try:
        client.missing(b"", timeout=10)
        raise AssertionError("a method that is not there was called")
    except grpc.RpcError as error:
        expect(error.code(), grpc.StatusCode.UNIMPLEMENTED)


def client_stream(client):
    expect(client.client_stream((b"x" * 1000 for _ in range(500)), timeout=20), b"500 messages, 500000 bytes")


def server_stream(client):
    expect([int(number) for number in client.server_stream(b"2000", timeout=20)], list(range(2000)))


def bidirectional(client):
    """Each message waits for the answer to the one before it."""
    got = threading.Semaphore(1)

    def requests():
        for number in range(100):
            got.acquire()
            yield b"message %d" % number

    count = 0
    for answer in client.bidirectional(requests(), timeout=20):
        expect(answer[::-1], b"message %d" % count)
        count += 1
        got.release()
    expect(count, 100)


def cancellation(client):
    call = client.server_stream(b"100000000", timeout=20)
    next(iter(call))
    call.cancel()
    expect(call.code(), grpc.StatusCode.CANCELLED)
    unary(client)


def parallel(client):
    with futures.ThreadPoolExecutor(max_workers=64) as pool:
        answers = pool.map(lambda number: client.unary(b"%d" % number, timeout=20), range(2000))
        expect([int(answer) for answer in answers], list(range(2000)))


CASES = [
    unary, metadata, large, deadline, errors, trailers_only, client_stream, server_stream, bidirectional, cancellation,
    parallel,
]


def load(client, count):
    """Calls of four kinds; how many failed, and why."""

    def one(number):
        kind = number % 4
        try:
            if kind == 0:
                expect(client.unary(b"%d" % number, timeout=30), b"%d" % number)
            elif kind == 1:
                expect(client.client_stream(iter([b"a", b"b"]), timeout=30), b"2 messages, 2 bytes")
            elif kind == 2:
                expect(len(list(client.server_stream(b"5", timeout=30))), 5)
            else:
                expect(list(client.bidirectional(iter([b"ab", b"cd"]), timeout=30)), [b"ba", b"dc"])
            return None
        except Exception as error:  # noqa: BLE001: whatever it is, the call failed
            return f"{['unary', 'client', 'server', 'both'][kind]}: {error}"

    with futures.ThreadPoolExecutor(max_workers=32) as pool:
        failures = [failure for failure in pool.map(one, range(count)) if failure]
    for failure in failures[:5]:
        print(failure, flush=True)
    print(f"{count} calls, {len(failures)} failed", flush=True)
    return not failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("--authority")
    parser.add_argument("--calls", type=int, default=0)
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    options = [("grpc.max_receive_message_length", -1), ("grpc.enable_http_proxy", 0)]
    if arguments.authority:
        with open(arguments.authority, "rb") as file:
            credentials = grpc.ssl_channel_credentials(file.read())
        channel = grpc.secure_channel(arguments.address, credentials, options)
    else:
        channel = grpc.insecure_channel(arguments.address, options)
    client = Client(channel)
    if arguments.calls:
        sys.exit(0 if load(client, arguments.calls) else 1)
    failed = False
    for case in CASES:
        if arguments.cases and case.__name__ not in arguments.cases:
            continue
        try:
            case(client)
            print(f"ok {case.__name__}", flush=True)
        except Exception as error:  # noqa: BLE001: whatever it is, the case failed
            failed = True
            print(f"FAILED {case.__name__}: {error}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
