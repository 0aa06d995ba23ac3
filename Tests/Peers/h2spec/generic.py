# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""What every client does."""
from .cases import answered, case, ping_answered, ping_answered_or_closed, settings_acknowledged, status
from .wire import *

GET = block(request())
POST = block(request("POST"))
TRAILERS = block([("x-test", "ok")])


def field(name, *parts):
    """A request of which one field is coded by hand."""
    return case(f"generic/5/{name}", parts[0], headers(1, GET + b"".join(parts[1:]), WHOLE), answered())


CASES = [
    case("generic/1/1", "a client's preface", PREFACE + settings(), settings_acknowledged, initial=None),
    case("generic/2/1", "PRIORITY on an idle stream", priority(1), headers(1, GET, WHOLE), answered()),
    case(
        "generic/2/2", "WINDOW_UPDATE on a half-closed stream", headers(1, GET, WHOLE), window_update(1, 1),
        answered()),
    case("generic/2/3", "PRIORITY on a half-closed stream", headers(1, GET, WHOLE), priority(1), answered()),
    case("generic/2/4", "RST_STREAM on a half-closed stream", headers(1, GET, WHOLE), reset(1), ping_answered),
    case("generic/2/5", "PRIORITY on a closed stream", headers(1, GET, WHOLE), answered(), priority(1), ping_answered),
    case("generic/3.1/1", "a DATA frame", headers(1, POST), data(1, b"test", END_STREAM), answered()),
    case(
        "generic/3.1/2", "several DATA frames", headers(1, POST), data(1, b"test"), data(1, b"test", END_STREAM),
        answered()),
    case(
        "generic/3.1/3", "DATA with padding", headers(1, POST),
        data(1, b"\x06test" + b"\0" * 6, END_STREAM | PADDED), answered()),
    case("generic/3.2/1", "HEADERS", headers(1, GET, WHOLE), answered()),
    case("generic/3.2/2", "HEADERS with padding", headers(1, b"\x06" + GET + b"\0" * 6, WHOLE | PADDED), answered()),
    case(
        "generic/3.2/3", "HEADERS with priority", headers(1, priority_fields(0, 255) + GET, WHOLE | WITH_PRIORITY),
        answered()),
    case("generic/3.3/1", "PRIORITY of weight 1", priority(1, weight=0), headers(1, GET, WHOLE), answered()),
    case("generic/3.3/2", "PRIORITY of weight 256", priority(1, weight=255), headers(1, GET, WHOLE), answered()),
    case("generic/3.3/3", "PRIORITY with a dependency", priority(1, 5), headers(1, GET, WHOLE), answered()),
    case("generic/3.3/4", "PRIORITY, exclusive", priority(1, 5, exclusive=True), headers(1, GET, WHOLE), answered()),
    case(
        "generic/3.3/5", "PRIORITY on a higher idle stream, then HEADERS on a lower", priority(5),
        headers(3, GET, WHOLE), answered(3)),
    case("generic/3.4/1", "RST_STREAM", headers(1, POST), reset(1), ping_answered),
    case("generic/3.5/1", "SETTINGS", settings((MAX_CONCURRENT_STREAMS, 100)), settings_acknowledged),
    case("generic/3.7/1", "PING", ping_answered),
    case("generic/3.8/1", "GOAWAY", goaway(), ping_answered_or_closed),
    case("generic/3.9/1", "WINDOW_UPDATE of the connection", window_update(0, 1), headers(1, GET, WHOLE), answered()),
    case("generic/3.9/2", "WINDOW_UPDATE of a stream", headers(1, POST), window_update(1, 1),
         data(1, b"", END_STREAM), answered()),
    case(
        "generic/3.10/1", "CONTINUATION", headers(1, GET, END_STREAM), continuation(1, TRAILERS), answered()),
    case(
        "generic/3.10/2", "several CONTINUATION", headers(1, GET, END_STREAM), continuation(1, TRAILERS, 0),
        continuation(1, TRAILERS), answered()),
    case("generic/4/1", "GET", headers(1, GET, WHOLE), status(200)),
    case("generic/4/2", "HEAD", headers(1, block(request("HEAD")), WHOLE), status(200)),
    case("generic/4/3", "POST", headers(1, POST), data(1, b"test", END_STREAM), status(200)),
    case(
        "generic/4/4", "POST with trailers", headers(1, block(request("POST", extra=[("trailer", "x-test")]))),
        data(1, b"test"), headers(1, TRAILERS, WHOLE), status(200)),
    field(1, "an indexed field", b"\x90"),  # accept-encoding: gzip, deflate
    field(2, "incremental indexing, indexed name", integer(58, 6, 0x40), text(b"h2spec")),
    field(3, "incremental indexing, indexed name, Huffman", integer(58, 6, 0x40), huffman(b"h2spec")),
    field(4, "incremental indexing, new name", b"\x40", text(b"x-test"), text(b"h2spec")),
    field(5, "incremental indexing, new name, Huffman", b"\x40", huffman(b"x-test"), huffman(b"h2spec")),
    field(6, "without indexing, indexed name", integer(58, 4), text(b"h2spec")),
    field(7, "without indexing, indexed name, Huffman", integer(58, 4), huffman(b"h2spec")),
    field(8, "without indexing, new name", b"\0", text(b"x-test"), text(b"h2spec")),
    field(9, "without indexing, new name, Huffman", b"\0", huffman(b"x-test"), huffman(b"h2spec")),
    field(10, "never indexed, indexed name", integer(58, 4, 0x10), text(b"h2spec")),
    field(11, "never indexed, indexed name, Huffman", integer(58, 4, 0x10), huffman(b"h2spec")),
    field(12, "never indexed, new name", b"\x10", text(b"x-test"), text(b"h2spec")),
    field(13, "never indexed, new name, Huffman", b"\x10", huffman(b"x-test"), huffman(b"h2spec")),
    case("generic/5/14", "a change of the table's size", headers(1, b"\x20" + GET, WHOLE), answered()),
    case(
        "generic/5/15", "two changes of the table's size", headers(1, b"\x20" + integer(4096, 5, 0x20) + GET, WHOLE),
        answered()),
]
