// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

@testable import GibbonCQL
import Testing

/// Requests against bytes made by hand from the specification (section 4.1).
@Suite struct RequestTests {
  private let options = QueryOptions(consistency: .quorum)

  private func bytes(_ request: Request, _ version: CQLVersion = .v4, stream: Int16 = 0) throws -> [UInt8] {
    var bytes: [UInt8] = []
    Envelope(
      version: version.rawValue, isResponse: false, stream: stream, opcode: request.opcode.rawValue,
      body: try request.body(version)
    ).append(to: &bytes)
    return bytes
  }

  @Test func `the header says version, stream, kind and length`() throws {
    #expect(try self.bytes(.options) == Hex.bytes("04 00 0000 05 00000000"))
    #expect(try self.bytes(.options, .v5, stream: 0x0102) == Hex.bytes("05 00 0102 05 00000000"))
    #expect(try self.bytes(.register(["A"]), .v3) == Hex.bytes("03 00 0000 0B 00000005 0001 0001 41"))
  }

  @Test func `a start names the language and the driver`() throws {
    let body = try Request.startup.body(.v4)
    #expect(
      body
        == Hex.bytes("0002") + Hex.string("CQL_VERSION") + Hex.string("3.0.0") + Hex.string("DRIVER_NAME")
        + Hex.string("gibbon"))
  }

  @Test func `a query has its options, in one byte before v5 and in four since`() throws {
    #expect(try Request.query("ab", self.options).body(.v4) == Hex.bytes("00000002 6162 0004 00"))
    #expect(try Request.query("ab", self.options).body(.v5) == Hex.bytes("00000002 6162 0004 00000000"))
    var all = self.options
    all.serialConsistency = .localSerial
    all.pageSize = 10
    all.pagingState = [9]
    all.timestamp = 2
    #expect(
      try Request.query("a", all).body(.v3)
        == Hex.bytes("00000001 61 0004 3C 0000000A 00000001 09 0009 0000000000000002"))
  }

  @Test func `preparing has flags since v5`() throws {
    #expect(try Request.prepare("a").body(.v4) == Hex.bytes("00000001 61"))
    #expect(try Request.prepare("a").body(.v5) == Hex.bytes("00000001 61 00000000"))
  }

  @Test func `an execution names the statement, and its metadata since v5`() throws {
    let id = PreparedID(id: [0xAB], resultMetadata: [0xCD, 0xEF])
    let values: [CQLValue] = [.text("x"), .null, .unset]
    #expect(
      try Request.execute(id, values, self.options).body(.v4)
        == Hex.bytes("0001 AB 0004 01 0003 00000001 78 FFFFFFFF FFFFFFFE"))
    #expect(
      try Request.execute(id, values, self.options).body(.v5)
        == Hex.bytes("0001 AB 0002 CDEF 0004 00000001 0003 00000001 78 FFFFFFFF FFFFFFFE"))
  }

  @Test func `a batch has texts and prepared statements, and no pages`() throws {
    var options = self.options
    options.pageSize = 10
    options.timestamp = 1
    let entries = [
      BatchEntry(source: .text("a"), values: []),
      BatchEntry(source: .prepared(PreparedID(id: [0xAB])), values: [.int(1)]),
    ]
    #expect(
      try Request.batch(.unlogged, entries, options).body(.v4)
        == Hex.bytes(
          "01 0002 00 00000001 61 0000 01 0001 AB 0001 00000004 00000001 0004 20 0000000000000001"))
  }

  @Test func `a token is sent with its length`() throws {
    #expect(try Request.authResponse([0, 0x61, 0, 0x62]).body(.v4) == Hex.bytes("00000004 00610062"))
  }

  @Test func `what a version or a length field cannot say is refused`() {
    #expect(throws: CQLError.self) {
      try Request.execute(PreparedID(id: [1]), [.unset], self.options).body(.v3)
    }
    #expect(throws: CQLError.self) {
      let entry = BatchEntry(source: .text(""), values: [])
      return try Request.batch(.logged, Array(repeating: entry, count: 65_536), self.options).body(.v4)
    }
    #expect(throws: CQLError.self) { try Request.register([String(repeating: "x", count: 65_536)]).body(.v4) }
    let large = CQLValue.blob(Array(repeating: 0, count: WireWriter.bodyLimit))
    #expect(throws: CQLError.self) { try Request.execute(PreparedID(id: [1]), [large], self.options).body(.v4) }
  }

  @Test func `a statement reads if it begins so, in any case and after any space`() {
    #expect(CQLStatement("\n  SeLeCt * FROM t").isRead)
    #expect(!CQLStatement("SELEC").isRead)
    #expect(!CQLStatement("INSERT INTO t (a) VALUES ('select')").isRead)
    var settings = CQLSettings()
    settings.readConsistency = .two
    settings.writeConsistency = .three
    #expect(CQLStatement("SELECT a").options(settings).consistency == .two)
    #expect(CQLStatement("DELETE").options(settings).consistency == .three)
  }
}
