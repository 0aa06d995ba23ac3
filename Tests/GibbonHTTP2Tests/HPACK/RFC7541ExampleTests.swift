// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Testing

@testable import GibbonHTTP2

/// The examples of RFC 7541, appendix C.
@Suite struct RFC7541ExampleTests {
  struct Example: Sendable {
    var name: String
    var tableLimit = 4096
    var blocks: [String]
    var fields: [[TextField]]
    /// The table's size after each block.
    var sizes: [Int]
  }

  static let requests: [[TextField]] = [
    [
      TextField(":method", "GET"), TextField(":scheme", "http"), TextField(":path", "/"),
      TextField(":authority", "www.example.com"),
    ],
    [
      TextField(":method", "GET"), TextField(":scheme", "http"), TextField(":path", "/"),
      TextField(":authority", "www.example.com"), TextField("cache-control", "no-cache"),
    ],
    [
      TextField(":method", "GET"), TextField(":scheme", "https"), TextField(":path", "/index.html"),
      TextField(":authority", "www.example.com"), TextField("custom-key", "custom-value"),
    ],
  ]

  static func response(_ status: String, _ second: Int) -> [TextField] {
    [
      TextField(":status", status), TextField("cache-control", "private"),
      TextField("date", "Mon, 21 Oct 2013 20:13:\(second) GMT"), TextField("location", "https://www.example.com"),
    ]
  }

  static let responses: [[TextField]] = [
    response("302", 21), response("307", 21),
    response("200", 22) + [
      TextField("content-encoding", "gzip"),
      TextField("set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"),
    ],
  ]

  static let plainRequests = Example(
    name: "C.3",
    blocks: [
      "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", "8286 84be 5808 6e6f 2d63 6163 6865",
      "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ], fields: requests, sizes: [57, 110, 164])

  static let codedRequests = Example(
    name: "C.4",
    blocks: [
      "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", "8286 84be 5886 a8eb 1064 9cbf",
      "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
    ], fields: requests, sizes: [57, 110, 164])

  static let examples = [
    Example(
      name: "C.2.1", blocks: ["400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572"],
      fields: [[TextField("custom-key", "custom-header")]], sizes: [55]),
    Example(
      name: "C.2.2", blocks: ["040c 2f73 616d 706c 652f 7061 7468"], fields: [[TextField(":path", "/sample/path")]],
      sizes: [0]),
    Example(
      name: "C.2.3", blocks: ["1008 7061 7373 776f 7264 0673 6563 7265 74"],
      fields: [[TextField("password", "secret")]], sizes: [0]),
    Example(name: "C.2.4", blocks: ["82"], fields: [[TextField(":method", "GET")]], sizes: [0]),
    plainRequests, codedRequests,
    Example(
      name: "C.5", tableLimit: 256,
      blocks: [
        """
        4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d
        546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d
        """, "4803 3330 37c1 c0bf",
        """
        88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f
        6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b
        2076 6572 7369 6f6e 3d31
        """,
      ], fields: responses, sizes: [222, 222, 215]),
    Example(
      name: "C.6", tableLimit: 256,
      blocks: [
        """
        4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7
        8f0b 97c8 e9ae 82ae 43d3
        """, "4883 640e ffc1 c0bf",
        """
        88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335
        dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07
        """,
      ], fields: responses, sizes: [222, 222, 215]),
  ]

  @Test(arguments: examples.indices) func isDecoded(_ index: Int) throws {
    let example = Self.examples[index]
    var reader = BlockReader(tableLimit: example.tableLimit)
    for (number, block) in example.blocks.enumerated() {
      let decoded = try reader.read(hex: block)
      #expect(decoded.fields == example.fields[number], "\(example.name), block \(number)")
      #expect(decoded.outcome == HPACKDecoder.Outcome())
      #expect(reader.decoder.table.size == example.sizes[number], "\(example.name), block \(number)")
    }
  }

  @Test func requestsAreEncodedLikeThat() {
    var encoder = HPACKEncoder(tableLimit: 4096, huffmanLimit: 0)
    for (number, fields) in Self.plainRequests.fields.enumerated() {
      #expect(encoder.block(fields) == bytes(Self.plainRequests.blocks[number]))
    }
  }

  /// The third one has a name in Huffman code, which our encoder has not.
  @Test func requestsAreEncodedLikeThatInHuffmanCode() {
    var encoder = HPACKEncoder(tableLimit: 4096, huffmanLimit: 100)
    for number in 0..<2 {
      #expect(encoder.block(Self.codedRequests.fields[number]) == bytes(Self.codedRequests.blocks[number]))
    }
  }

  @Test func singleFieldsAreEncodedLikeThat() {
    for number in [0, 1, 3] {
      var encoder = HPACKEncoder(tableLimit: 4096, huffmanLimit: 0)
      let example = Self.examples[number]
      #expect(encoder.block(example.fields[0]) == bytes(example.blocks[0]), "\(example.name)")
    }
  }

  @Test(
    arguments: [
      (10, 5, [UInt8(10)]), (1337, 5, [31, 154, 10]), (42, 8, [42]), (30, 5, [30]), (31, 5, [31, 0]),
      (127, 7, [127, 0]),
      (0x7FFF_FFFF, 7, [127, 0x80, 0xFF, 0xFF, 0xFF, 0x07]),
    ] as [(Int, UInt8, [UInt8])])
  func integersGoBothWays(_ value: Int, bits: UInt8, expected: [UInt8]) throws {
    var output = ByteBuffer()
    output.append(upTo: 8) { $0.append(integer: value, bits: bits, pattern: 0) }
    #expect(output.span.array == expected)
    let input = expected
    var block = HPACKBlock(input.span)
    let read = try block.integer(bits)
    let isAtEnd = block.isAtEnd
    #expect(read == value)
    #expect(isAtEnd)
  }
}
