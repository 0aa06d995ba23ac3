# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""Attacks by what one request says: each must be refused (rows 18 and 19). A probe yields what was not."""
import socket

from h2spec.wire import *


def replaced(**fields):
    """A request with other pseudo-header fields."""
    return [(name, fields.get(name[1:], value)) for name, value in request("POST")]


def coded(fields, *more):
    """Exactly these names and values."""
    return b"".join(literal(name.encode(), value.encode()) for name, value in fields) + b"".join(more)


def added(name, value):
    return coded(request("POST"), literal(name, value))


SMUGGLED = {
    "content-length below DATA": added(b"content-length", b"1"),
    "content-length above DATA": added(b"content-length", b"100"),
    "content-length with a sign": added(b"content-length", b"+4"),
    "content-length as a list": added(b"content-length", b"4, 5"),
    "two content-length": coded(request("POST"), literal(b"content-length", b"4"), literal(b"content-length", b"5")),
    "transfer-encoding": added(b"transfer-encoding", b"chunked"),
    "connection": added(b"connection", b"content-length"),
    "upgrade": added(b"upgrade", b"h2c"),
    "te": added(b"te", b"chunked"),
    "CR LF in a value": added(b"x-test", b"a\r\nx-smuggled: 1"),
    "LF in a value": added(b"x-test", b"a\nx-smuggled: 1"),
    "CR in a value": added(b"x-test", b"a\rb"),
    "NUL in a value": added(b"x-test", b"a\0b"),
    "space in a name": added(b"x test", b"a"),
    "colon in a name": added(b"x-test: 1\r\ny", b"a"),
    "CR LF in a name": added(b"x-test\r\ny", b"a"),
    "an empty name": added(b"", b"a"),
    "space in :path": coded(replaced(path="/a HTTP/1.1")),
    "CR LF in :path": coded(replaced(path="/a HTTP/1.1\r\nx-smuggled: 1\r\n\r\n")),
    "tab in :path": coded(replaced(path="/a\tb")),
    "NUL in :path": coded(replaced(path="/a\0b")),
    ":path without slash": coded(replaced(path="a")),
    ":path as a URI": coded(replaced(path="http://other/")),
    "* for POST": coded(replaced(path="*")),
    "space in :method": coded(replaced(method="GET /a HTTP/1.1")),
    "CR LF in :method": coded(replaced(method="GET / HTTP/1.1\r\nx-smuggled: 1\r\n\r\nGET")),
    "an empty :method": coded(replaced(method="")),
    "space in :scheme": coded(replaced(scheme="http ://x")),
    "space in :authority": coded(replaced(authority="a b")),
    "CR LF in :authority": coded(replaced(authority="a\r\nx-smuggled: 1")),
    "slash in :authority": coded(replaced(authority="a/b")),
    "a user in :authority": coded(replaced(authority="user@a")),
    ":authority other than host": added(b"host", b"other"),
    "two host": coded(request("POST"), literal(b"host", b"localhost"), literal(b"host", b"localhost")),
}


def outcome(host, port, fields):
    """The status, or how it was refused."""
    with Connection(host, port, 5) as connection:
        connection.handshake()
        connection.send(headers(1, fields) + data(1, b"test", END_STREAM))
        try:
            got = connection.until(lambda got: got.kind in (HEADERS, RST_STREAM, GOAWAY))
        except Closed:
            return "the end"
        return connection.status(got) if got.kind == HEADERS else str(got)


def smuggling(host, port):
    for name, fields in SMUGGLED.items():
        try:
            got = outcome(host, port, fields)
        except Silence:
            got = "silence"
        if got == "silence" or isinstance(got, int) and not 400 <= got < 500:
            yield f"{name}: {got}"


def upgrade(host, port):
    """From HTTP/1 to HTTP/2, which the gateway would carry to the service."""
    lines = [
        "GET / HTTP/1.1", "Host: localhost", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c",
        "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA", "", "",
    ]
    with socket.create_connection((host, port), 5) as client:
        client.sendall("\r\n".join(lines).encode())
        answer = client.recv(4096)
    if not answer.startswith(b"HTTP/1.1 ") or answer.startswith(b"HTTP/1.1 101"):
        yield f"upgraded: {answer[:60]}"


PROBES = {("smuggling", 19): smuggling, ("h2c_upgrade", 18): upgrade}
