#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""A gRPC service for the tests: grpcio with messages of plain bytes.

Prints `port N` when it listens.

    grpc_server.py [--certificate FILE --key FILE] [--port N]
"""
import argparse
import time
from concurrent import futures

import grpc


def echo_metadata(context):
    """What the client sent under names that begin with x- goes back, as head and as trailers."""
    sent = [(key, value) for key, value in context.invocation_metadata() if key.startswith("x-")]
    context.send_initial_metadata(sent)
    context.set_trailing_metadata([("trailing-" + key, value) for key, value in sent])


def unary(request, context):
    echo_metadata(context)
    if request.startswith(b"sleep "):
        time.sleep(float(request[6:]))
    if request.startswith(b"size "):
        return b"x" * int(request[5:])
    if request.startswith(b"fail "):
        code = int(request[5:])
        context.set_code(next(c for c in grpc.StatusCode if c.value[0] == code))
        context.set_details("asked to fail: 100 % sure, ünicode")
        return b""
    return request


def deadline(request, context):
    """Milliseconds the client gives it, in tens of seconds, so that the answer is the same each time."""
    return str(round(context.time_remaining() / 10)).encode()


def client_stream(requests, context):
    count = size = 0
    for request in requests:
        count += 1
        size += len(request)
    return b"%d messages, %d bytes" % (count, size)


def server_stream(request, context):
    for number in range(int(request)):
        yield b"%d" % number


def bidirectional(requests, context):
    for request in requests:
        yield request[::-1]


METHODS = {
    "Unary": grpc.unary_unary_rpc_method_handler(unary),
    "Deadline": grpc.unary_unary_rpc_method_handler(deadline),
    "ClientStream": grpc.stream_unary_rpc_method_handler(client_stream),
    "ServerStream": grpc.unary_stream_rpc_method_handler(server_stream),
    "Bidirectional": grpc.stream_stream_rpc_method_handler(bidirectional),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    limit = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=32), options=limit)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Echo", METHODS),))
    address = f"127.0.0.1:{arguments.port}"
    if arguments.certificate:
        with open(arguments.key, "rb") as key, open(arguments.certificate, "rb") as certificate:
            credentials = grpc.ssl_server_credentials([(key.read(), certificate.read())])
        port = server.add_secure_port(address, credentials)
    else:
        port = server.add_insecure_port(address)
    server.start()
    print(f"port {port}", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
