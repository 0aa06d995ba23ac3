# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""HPACK (RFC 7541) broken."""
from .cases import case, connection_error
from .wire import WHOLE, block, headers, huffman, integer, request, text

COMPRESSION_ERROR = 9
GET = block(request())


def broken(name, what, *parts):
    return case(f"hpack/{name}", what, headers(1, GET + b"".join(parts), WHOLE), connection_error(COMPRESSION_ERROR))


def coded(payload):
    """A string that claims to be in the Huffman code."""
    return integer(len(payload), 7, 0x80) + payload


# Without its length; "a" is 00011, which leaves three bits.
ONE = huffman(b"a")[1:]

CASES = [
    broken("2.3.3/1", "an index beyond both tables", integer(120, 7, 0x80)),
    broken("2.3.3/2", "a name's index beyond both tables", integer(120, 6, 0x40), text(b"test")),
    broken("4.2/1", "a change of the table's size at the end of a block", b"\x20"),
    broken("5.2/1", "Huffman padding of more than 7 bits", b"\0", text(b"x-test"), coded(ONE + b"\xff")),
    broken("5.2/2", "Huffman padding of zeros", b"\0", text(b"x-test"), coded(bytes([ONE[0] & 0xF8]))),
    broken("5.2/3", "EOS in the Huffman code", b"\0", text(b"x-test"), coded(b"\xff\xff\xff\xff")),
    broken("6.1/1", "index 0", b"\x80"),
    case(
        "hpack/6.3/1", "a table larger than SETTINGS allow", headers(1, integer(1 << 20, 5, 0x20) + GET, WHOLE),
        connection_error(COMPRESSION_ERROR)),
]
