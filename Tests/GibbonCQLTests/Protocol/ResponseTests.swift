// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

@testable import GibbonCQL
import GibbonCore
import Testing

/// Responses made by hand from the specification (section 4.2).
@Suite struct ResponseTests {
  private func rows(_ body: [UInt8]) throws -> CQLRows? {
    if case .result(.rows(let rows)) = try Response(Sample.envelope(.result, body)) { rows } else { nil }
  }

  @Test func `each kind is read`() throws {
    guard case .error(let error) = try Response(Sample.envelope(.error, Sample.error)),
      case .ready = try Response(Sample.envelope(.ready, [])),
      case .authenticate(let name) = try Response(Sample.envelope(.authenticate, Sample.authenticate)),
      case .supported(let options) = try Response(Sample.envelope(.supported, Sample.supported)),
      case .authChallenge(let token) = try Response(Sample.envelope(.authChallenge, Hex.bytes("00000001 05"))),
      case .authSuccess = try Response(Sample.envelope(.authSuccess, Hex.bytes("FFFFFFFF"))),
      case .result(.void) = try Response(Sample.envelope(.result, Hex.bytes("00000001"))),
      case .result(.keyspace("k")) = try Response(
        Sample.envelope(.result, Hex.bytes("00000003") + Hex.string("k"))),
      case .result(.schemaChange) = try Response(Sample.envelope(.result, Hex.bytes("00000005"))),
      case .event(let status) = try Response(Sample.envelope(.event, Sample.statusEvent, stream: -1)),
      case .event(let schema) = try Response(Sample.envelope(.event, Sample.schemaEvent, stream: -1))
    else {
      Issue.record("one was taken for another")
      return
    }
    #expect(error == ServerError(code: 0x2200, message: "no"))
    #expect(name == "a.PasswordAuthenticator")
    #expect(options == ["PROTOCOL_VERSIONS": ["3/v3", "4/v4"]])
    #expect(token == [5])
    #expect(status == .status(isUp: true, address: "127.0.0.1"))
    #expect(schema == .schema(keyspace: "k"))
  }

  @Test func `a prepared statement has one id, and two since v5`() throws {
    guard case .result(.prepared(let old)) = try Response(Sample.envelope(.result, Sample.prepared)),
      case .result(.prepared(let new)) = try Response(Sample.envelope(.result, Sample.preparedV5, version: 5))
    else {
      Issue.record("not prepared")
      return
    }
    let route = StatementRoute(keyspace: "k", partitionKey: [1])
    #expect(old == PreparedID(id: [0xAB, 0xCD], route: route))
    #expect(new == PreparedID(id: [0xAB, 0xCD], resultMetadata: [7], route: route))
  }

  @Test(arguments: [
    // v3, which says nothing; no values; values that are no key.
    (UInt8(3), ""), (4, "00000000 00000000 00000000"), (4, "00000001 00000001 00000000 0001 6B 0001 74"),
  ])
  func `the place of some statements is not known`(_ version: UInt8, _ metadata: String) throws {
    let body = Sample.preparedV3 + Hex.bytes(metadata)
    guard case .result(.prepared(let id)) = try Response(Sample.envelope(.result, body, version: version)) else {
      Issue.record("not prepared")
      return
    }
    #expect(id == PreparedID(id: [0xAB, 0xCD]))
  }

  @Test func `only a keyspace's own changes are told of it`() throws {
    let table =
      Hex.string("SCHEMA_CHANGE") + Hex.string("CREATED") + Hex.string("TABLE") + Hex.string("k") + Hex.string("t")
    guard case .event(let event) = try Response(Sample.envelope(.event, table, stream: -1)) else {
      Issue.record("no event")
      return
    }
    #expect(event == .other)
  }

  @Test func `tracing, warnings and a payload come before the message`() throws {
    let before =
      Array(repeating: UInt8(9), count: 16) + Hex.bytes("0001") + Hex.string("beware") + Hex.bytes("0001")
      + Hex.string("key") + Hex.bytes("00000002 0102")
    guard case .error(let error) = try Response(Sample.envelope(.error, before + Sample.error, flags: 0x0E)) else {
      Issue.record("no error")
      return
    }
    #expect(error.message == "no")
  }

  @Test func `values are read by the type of their column`() throws {
    let columns: [(String, [UInt8])] = [
      ("ascii", Hex.bytes("0001")), ("counter", Hex.bytes("0005")), ("int", Hex.bytes("0009")),
      ("small", Hex.bytes("0013")), ("tiny", Hex.bytes("0014")), ("double", Hex.bytes("0007")),
      ("float", Hex.bytes("0008")), ("boolean", Hex.bytes("0004")), ("uuid", Sample.uuid), ("inet", Sample.inet),
      ("set", Sample.texts), ("map", Hex.bytes("0021 000D 000D")), ("blob", Hex.bytes("0003")),
      ("custom", Hex.bytes("0000") + Hex.string("a.B")), ("null", Sample.varchar), ("empty", Hex.bytes("0009")),
      (
        "udt", Hex.bytes("0030") + Hex.string("k") + Hex.string("u") + Hex.bytes("0001") + Hex.string("f") + Sample.uuid
      ),
      ("tuple", Hex.bytes("0031 0002 0009 0020 0009")),
    ]
    let cells: [[UInt8]?] = [
      [0x61], Hex.bytes("FFFFFFFFFFFFFFFE"), Hex.bytes("80000000"), Hex.bytes("FFFF"), [0xFE],
      Hex.bytes("3FF8000000000000"), Hex.bytes("3FC00000"), [2], Hex.bytes("000102030405060708090A0B0C0D0E0F"),
      Hex.bytes("20010DB8000000000000000000000001"), Hex.bytes("00000002 00000001 61 00000000"),
      Hex.bytes("00000001 00000001 61 00000001 62"), [7], [8], nil, [], [1], [2],
    ]
    let rows = try #require(try self.rows(Sample.rows(columns, [cells])))
    #expect(
      rows.rows == [
        [
          .text("a"), .bigint(-2), .int(.min), .int(-1), .int(-2), .double(1.5), .double(1.5), .boolean(true),
          .uuid(EntityID(high: 0x0001_0203_0405_0607, low: 0x0809_0A0B_0C0D_0E0F)), .text("2001:db8:0:0:0:0:0:1"),
          .texts(["a", ""]), .texts(["a", "b"]), .blob([7]), .blob([8]), .null, .null, .blob([1]), .blob([2]),
        ]
      ])
    #expect(rows.columns == columns.map(\.0))
    #expect(rows.pagingState == nil)
  }

  @Test func `an applied condition is told by its column`() throws {
    let boolean = Hex.bytes("0004")
    let held = try #require(try self.rows(Sample.rows([("[applied]", boolean)], [[[1]]])))
    let not = try #require(
      try self.rows(Sample.rows([("[applied]", boolean), ("v", Sample.varchar)], [[[0], [0x61]]])))
    #expect(held.wasApplied)
    #expect(!not.wasApplied)
    #expect(not.value("v") == .text("a"))
    #expect(not.value("w") == nil && not.value("v", row: 1) == nil)
    #expect(CQLRows().wasApplied)
  }

  @Test func `a page says where the next one begins`() throws {
    let rows = try #require(try self.rows(Sample.rows([("a", Sample.varchar)], [[[0x61]]], paging: [1, 2])))
    #expect(rows.pagingState == [1, 2])
  }

  @Test func `a column may name its own table, and v5 may say new metadata`() throws {
    let table = Hex.string("k") + Hex.string("t")
    let own = Hex.bytes("00000002 00000008 00000001 0001 AA") + table + Hex.string("a") + Sample.varchar
    let rows = try #require(try self.rows(own + Hex.bytes("00000001 00000001 78")))
    #expect(rows.rows == [[.text("x")]])
  }

  @Test func `what is cut off anywhere is malformed`() {
    for (opcode, body) in Sample.all {
      for length in 0..<body.count where !(opcode == .event && length >= body.count - 3) {
        #expect(throws: CQLError.self, "\(opcode) cut at \(length)") {
          try Response(Sample.envelope(opcode, Array(body[..<length])))
        }
      }
    }
  }

  @Test(arguments: [
    // Counts and lengths that nothing is behind, or that are negative.
    "00000002 00000001 7FFFFFFF", "00000002 00000001 FFFFFFFF", "00000002 00000004 00000005 7FFFFFFF",
    "00000002 00000004 00000000 7FFFFFFF", "00000002 00000004 00000000 FFFFFFFF",
    "00000002 00000001 00000001 0000 0000 0000 000D 7FFFFFFF 00000000",
    "00000002 00000001 00000001 0000 0000 0000 0009 00000001 00000003 000000",
    "00000002 00000001 00000001 0000 0000 0000 0020000D 00000001 00000004 7FFFFFFF",
    "00000002 00000001 00000001 0000 0000 0000 0021000D000D 00000001 00000004 7FFFFFFF",
    "00000002 00000001 00000001 0000 0000 0000 000C 00000001 00000001 00",
    "00000002 00000001 00000001 0000 0000 0000 0010 00000001 00000001 00", "00000009", "FFFFFFFF",
    "00000004 0002 ABCD 00000001 00000001 7FFFFFFF", "00000004 0002 ABCD 00000001 FFFFFFFF 00000000",
    "00000004 0002 ABCD 00000001 00000001 FFFFFFFF",
  ])
  func `results that lie about their size are malformed`(_ hex: String) {
    #expect(throws: CQLError.self) { try Response(Sample.envelope(.result, Hex.bytes(hex))) }
  }

  @Test func `types within types end somewhere`() {
    let deep = Array(repeating: [0x00, 0x20] as [UInt8], count: 100_000).flatMap { $0 }
    let body = Hex.bytes("00000002 00000001 00000001 0000 0000 0000") + deep
    #expect(throws: CQLError.self) { try Response(Sample.envelope(.result, body)) }
  }

  @Test func `what only clients say, or nobody, is malformed`() {
    for opcode in [Opcode.startup, .options, .query, .prepare, .execute, .register, .batch, .authResponse] {
      #expect(throws: CQLError.self) { try Response(Sample.envelope(opcode, [])) }
    }
    var unknown = Sample.envelope(.ready, [])
    unknown.opcode = 0x55
    #expect(throws: CQLError.self) { try Response(unknown) }
    #expect(throws: CQLError.self) { try Response(Sample.envelope(.ready, [], flags: 0x01)) }
  }

  @Test func `no bytes at all are a trap`() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      let (opcode, sample) = Sample.all[Int.random(in: 0..<Sample.all.count, using: &random)]
      var body = sample
      for _ in 0..<Int.random(in: 1...4, using: &random) where !body.isEmpty {
        body[Int.random(in: 0..<body.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      _ = try? Response(Sample.envelope(opcode, body, flags: UInt8.random(in: 0...255, using: &random)))
    }
  }
}
