# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""Requests that are malformed: RFC 7540, section 8."""
from .cases import case, connection_error, stream_error
from .wire import *

PROTOCOL_ERROR = 1

POST = block(request("POST"))
MALFORMED = stream_error(PROTOCOL_ERROR)


def without(*names):
    return [(name, value) for name, value in request() if name not in names]


def malformed(name, what, fields):
    return case(name, what, headers(1, block(fields), WHOLE), MALFORMED)


def twice(number, name):
    value = dict(request())[name]
    return malformed(f"8.1.2.3/{number}", f"{name} twice", [(name, value), *request()])


def of_length(length, *parts):
    """A request whose DATA do not add up."""
    fields = request("POST", extra=[("content-length", str(length))])
    whole = [data(1, part, 0 if place + 1 < len(parts) else END_STREAM) for place, part in enumerate(parts)]
    return headers(1, block(fields)) + b"".join(whole)


CASES = [
    case(
        "8.1/1", "a second HEADERS without END_STREAM", headers(1, POST), headers(1, block([("x-test", "ok")])),
        MALFORMED),
    case(
        "8.1.2/1", "a name in capitals", headers(1, block(request()) + literal(b"X-TEST", b"ok"), WHOLE), MALFORMED),
    malformed("8.1.2.1/1", "an unknown pseudo-header field", [*request(), (":test", "ok")]),
    malformed("8.1.2.1/2", "a pseudo-header field of responses", [*request(), (":status", "200")]),
    case(
        "8.1.2.1/3", "a pseudo-header field in trailers", headers(1, POST), data(1, b"test"),
        headers(1, block([(":method", "200")]), WHOLE), MALFORMED),
    malformed(
        "8.1.2.1/4", "a pseudo-header field after others", [*without(":path"), ("x-test", "ok"), (":path", "/")]),
    malformed("8.1.2.2/1", "a field about the connection", [*request(), ("connection", "keep-alive")]),
    malformed("8.1.2.2/2", "TE other than trailers", [*request(), ("trailers", "test"), ("te", "trailers, deflate")]),
    malformed("8.1.2.3/1", "an empty :path", request(path="")),
    malformed("8.1.2.3/2", "no :method", without(":method")),
    malformed("8.1.2.3/3", "no :scheme", without(":scheme")),
    malformed("8.1.2.3/4", "no :path", without(":path")),
    twice(5, ":method"),
    twice(6, ":scheme"),
    twice(7, ":path"),
    case("8.1.2.6/1", "content-length other than DATA", of_length(1, b"test"), MALFORMED),
    case("8.1.2.6/2", "content-length other than several DATA", of_length(1, b"test", b"test"), MALFORMED),
    case(
        "8.2/1", "PUSH_PROMISE", frame(PUSH_PROMISE, END_HEADERS, 1, number(2) + block(request())),
        connection_error(PROTOCOL_ERROR)),
]
