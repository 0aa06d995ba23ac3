// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Testing

@testable import GibbonHTTP2

/// What an encoder makes of fields and lines.
@Suite struct HPACKEncoderTests {
  private func fields(_ lines: String, tableLimit: Int = 4096) throws -> [TextField] {
    var encoder = HPACKEncoder(tableLimit: tableLimit)
    var reader = BlockReader(tableLimit: tableLimit)
    return try reader.read(encoder.block(lines: lines)).fields
  }

  @Test func linesBecomeFieldsInTheirOrder() throws {
    let lines = "Server: nginx\r\nX-Empty: \r\nX-None:\r\nx-tight:v\r\nX-Space:  two\r\nContent-Length: 12\r\na: b\r\n"
    #expect(
      try self.fields(lines) == [
        TextField("server", "nginx"), TextField("x-empty", ""), TextField("x-none", ""), TextField("x-tight", "v"),
        TextField("x-space", " two"), TextField("content-length", "12"), TextField("a", "b"),
      ])
    #expect(try self.fields("") == [])
    #expect(try self.fields("last: without end") == [TextField("last", "without end")])
    #expect(try self.fields("time: 12:34:56\r\n") == [TextField("time", "12:34:56")])
  }

  @Test(arguments: [
    "Connection: close", "keep-alive: timeout=5", "Proxy-Connection: x", "TRANSFER-ENCODING: chunked", "upgrade: h2c",
    "HTTP2-Settings: AAAA", "TE: gzip", "te: trailers, deflate", "TE:",
  ])
  func fieldsOfConnectionsAreLeftOut(_ line: String) throws {
    #expect(try self.fields("a: 1\r\n\(line)\r\nb: 2\r\n") == [TextField("a", "1"), TextField("b", "2")])
  }

  @Test(arguments: ["te", "trailers", "connection-id", "upgrade-insecure-requests", "keep-alives"])
  func neighboursOfThoseStay(_ name: String) throws {
    #expect(try self.fields("\(name): trailers\r\n") == [TextField(name, "trailers")])
  }

  @Test func whatRepeatsIsOneByte() {
    var encoder = HPACKEncoder(tableLimit: 4096)
    let lines = "Server: nginx\r\nVia: 1.1 gibbon\r\nX-Powered-By: x\r\nETag: \"1\"\r\nX-Other: y\r\n"
    _ = encoder.block(lines: lines)
    _ = encoder.block(lines: lines)
    #expect(encoder.block(lines: lines).count == 5)
    // Letters of names do not matter, those of values do.
    #expect(encoder.block(lines: "SERVER: nginx\r\n").count == 1)
    #expect(encoder.block(lines: "Server: Nginx\r\n").count > 1)
  }

  @Test func otherValuesDoNotFillTheTable() throws {
    var encoder = HPACKEncoder(tableLimit: 4096)
    var reader = BlockReader()
    for number in 0..<200 {
      let lines = "ETag: \"\(number)\"\r\nX-Kong-Request-Id: id\(number)\r\nContent-Length: \(number)\r\n"
      _ = try reader.read(encoder.block(lines: lines))
    }
    // The name of the one that no table had.
    #expect(reader.decoder.table.count == 1)
  }

  /// Two fields of one message may not keep each other from entering.
  @Test func fieldsEnterWhenTheyComeForTheSecondTime() throws {
    for seed in 0..<200 {
      var encoder = HPACKEncoder(tableLimit: 4096)
      let lines = "etag: \(seed)\r\ndate: \(seed * 31)\r\n"
      _ = encoder.block(lines: lines)
      _ = encoder.block(lines: lines)
      #expect(encoder.block(lines: lines).count == 2)
    }
  }

  @Test(arguments: ["authorization", "Cookie", "set-cookie", "Proxy-Authorization", "apikey", "X-Api-Key"])
  func secretsAreNeverIndexed(_ name: String) throws {
    var encoder = HPACKEncoder(tableLimit: 4096)
    var reader = BlockReader()
    for _ in 0..<3 {
      let block = encoder.block(lines: "\(name): secret\r\n")
      #expect(block[0] & 0xF0 == 0x10)
      _ = try reader.read(block)
    }
    #expect(reader.decoder.table.count == 0)
  }

  @Test func everyStatusIsTold() throws {
    var encoder = HPACKEncoder(tableLimit: 4096)
    var reader = BlockReader()
    for status in UInt16(100)...599 {
      for _ in 0..<2 {
        var output = ByteBuffer()
        encoder.append(status: status, to: &output)
        if [200, 204, 206, 304, 400, 404, 500].contains(status) { #expect(output.count == 1) }
        #expect(try reader.read(output.span.array).fields == [TextField(":status", "\(status)")])
      }
    }
  }

  @Test func staticPairsAreOneByte() {
    var encoder = HPACKEncoder(tableLimit: 0)
    for (index, (name, value)) in HPACKStaticTable.fields.enumerated() where value.utf8CodeUnitCount > 0 {
      var output = ByteBuffer()
      encoder.append(name: name, value: value, to: &output)
      #expect(output.span.array == [0x80 | UInt8(index + 1)])
    }
  }

  @Test func limitsAreToldInTheNextBlock() {
    var encoder = HPACKEncoder(tableLimit: 4096)
    #expect(encoder.block(lines: "") == [])
    encoder.setTableLimit(4096)
    #expect(encoder.block(lines: "") == [])
    encoder.setTableLimit(65_536)
    #expect(encoder.block(lines: "") == [])
    encoder.setTableLimit(100)
    #expect(encoder.block(lines: "") == integer(100, bits: 5, pattern: 0x20))
    #expect(encoder.block(lines: "") == [])
    encoder.setTableLimit(50)
    encoder.setTableLimit(65_536)
    #expect(
      encoder.block(lines: "") == integer(50, bits: 5, pattern: 0x20) + integer(4096, bits: 5, pattern: 0x20))
    encoder.setTableLimit(0)
    #expect(encoder.block(lines: "server: x\r\n") == [0x20, 0x0F, 39] + string("x"))
  }

  /// A loop of look-ups would not end, or take long, if candidates were not bounded.
  @Test func manyFieldsOfOneHashAreTold() throws {
    var encoder = HPACKEncoder(tableLimit: 4096)
    var reader = BlockReader()
    for number in 0..<300 {
      // The first and the last eight bytes are the same.
      let value = "same-start \(1000 + number) same-end"
      let block = encoder.block(lines: "server: \(value)\r\n")
      #expect(try reader.read(block).fields == [TextField("server", value)])
    }
  }
}
