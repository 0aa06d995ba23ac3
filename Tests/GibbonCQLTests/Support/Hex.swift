// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

@testable import GibbonCQL

/// Bytes as the tests write them: two digits each, with spaces where they help.
enum Hex {
  static func bytes(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  /// As the specification writes a `[string]`.
  static func string(_ text: String) -> [UInt8] {
    [UInt8(text.utf8.count >> 8), UInt8(text.utf8.count & 0xFF)] + text.utf8
  }
}

/// Bodies of responses, made by hand from the specification.
enum Sample {
  static func envelope(_ opcode: Opcode, _ body: [UInt8], flags: UInt8 = 0, version: UInt8 = 4, stream: Int16 = 1)
    -> Envelope
  {
    Envelope(
      version: version, isResponse: true, flags: flags, stream: stream, opcode: opcode.rawValue, body: body)
  }

  static let error = Hex.bytes("00002200") + Hex.string("no")
  static let supported =
    Hex.bytes("0001") + Hex.string("PROTOCOL_VERSIONS") + Hex.bytes("0002") + Hex.string("3/v3") + Hex.string("4/v4")
  static let authenticate = Hex.string("a.PasswordAuthenticator")
  /// Of two values, the second one being the partition key. What follows is not read.
  private static let bound = Hex.bytes("00000001 00000002 00000001 0001") + Hex.string("k")
  static let preparedV3 = Hex.bytes("00000004 0002 ABCD")
  static let prepared = Self.preparedV3 + Self.bound
  static let preparedV5 = Self.preparedV3 + Hex.bytes("0001 07") + Self.bound
  static let statusEvent = Hex.string("STATUS_CHANGE") + Hex.string("UP") + Hex.bytes("04 7F000001 00002352")
  static let schemaEvent =
    Hex.string("SCHEMA_CHANGE") + Hex.string("UPDATED") + Hex.string("KEYSPACE") + Hex.string("k")

  /// Rows of one table: columns as names and hand-written types, cells as bytes (nil is null).
  static func rows(_ columns: [(String, [UInt8])], _ rows: [[[UInt8]?]], paging: [UInt8]? = nil) -> [UInt8] {
    var out = WireWriter()
    out.int(2)
    out.int(paging == nil ? 1 : 3)
    out.int(Int32(columns.count))
    var bytes = out.bytes
    func sized(_ cell: [UInt8]?) -> [UInt8] {
      var size = WireWriter()
      size.int(cell.map { Int32($0.count) } ?? -1)
      return size.bytes + (cell ?? [])
    }
    if let paging { bytes += sized(paging) }
    bytes += Hex.string("k") + Hex.string("t")
    for (name, type) in columns { bytes += Hex.string(name) + type }
    var count = WireWriter()
    count.int(Int32(rows.count))
    bytes += count.bytes
    for row in rows { for cell in row { bytes += sized(cell) } }
    return bytes
  }

  static let varchar = Hex.bytes("000D")
  static let uuid = Hex.bytes("000C")
  static let inet = Hex.bytes("0010")
  static let texts = Hex.bytes("0022 000D")

  /// One of each kind of response, with its least length that still makes sense.
  static let all: [(Opcode, [UInt8])] = [
    (.error, Self.error), (.authenticate, Self.authenticate), (.supported, Self.supported),
    (.result, Hex.bytes("00000001")), (.result, Hex.bytes("00000003") + Hex.string("k")), (.result, Self.prepared),
    (.result, Self.rows([("a", Self.varchar), ("b", Self.texts)], [[Array("x".utf8), nil]], paging: [1, 2])),
    (.event, Self.statusEvent), (.event, Self.schemaEvent), (.authChallenge, Hex.bytes("00000001 05")),
  ]
}
