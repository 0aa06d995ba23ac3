// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// tcp-log, udp-log, file-log, syslog and statsd in the real gateway (facts: plugins.md 6).
@Suite struct OtherLogTests {
  private static func line(_ reader: MessageReader) throws -> JSON {
    JSON(parsing: Array(try reader.read(through: [0x0A]).dropLast()))
  }

  @Test func tcpLog() throws {
    let listener = try ListeningSocket()
    let fixture = try LoggedGateway("tcp-log", "host: 127.0.0.1, port: \(listener.port)")
    _ = try fixture.gateway.get("/in/1")
    let socket = try #require(listener.accept(seconds: Deadline.defaultSeconds))
    let reader = MessageReader(socket)
    #expect(try Self.line(reader)["request"]["uri"].string == "/in/1")
    for number in 2..<50 { _ = try fixture.gateway.get("/in/\(number)") }
    for number in 2..<50 { #expect(try Self.line(reader)["request"]["uri"].string == "/in/\(number)") }
  }

  @Test func udpLog() throws {
    let receiver = try DatagramReceiver()
    let fixture = try LoggedGateway("udp-log", "host: localhost, port: \(receiver.port)")
    _ = try fixture.gateway.get("/in/1")
    #expect(JSON(parsing: try receiver.receive())["request"]["uri"].string == "/in/1")
  }

  @Test func statsd() throws {
    let receiver = try DatagramReceiver()
    let fixture = try LoggedGateway(
      "statsd", "host: 127.0.0.1, port: \(receiver.port), udp_packet_size: 4000")
    _ = try fixture.gateway.get("/in/1")
    let lines = try receiver.receiveText().split(separator: "\n")
    #expect(lines.contains("kong.service.origin.request.count:1|c"))
    #expect(lines.contains("kong.service.origin.status.200:1|c"))
    #expect(lines.contains { $0.hasPrefix("kong.service.origin.latency:") && $0.hasSuffix("|ms") })
    _ = try fixture.gateway.get("/nowhere")
    #expect(try receiver.receiveText().contains("kong.global.unmatched.status.404:1|c"))
  }

  @Test func fileLog() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("requests.log")
    let fixture = try LoggedGateway("file-log", "path: \(path.path), reopen: true")
    func lines() -> [JSON] {
      let text = (try? String(contentsOf: path, encoding: .utf8)) ?? ""
      return text.split(separator: "\n").map { JSON(parsing: Array($0.utf8)) }
    }
    for number in 0..<20 { _ = try fixture.gateway.get("/in/\(number)") }
    try Deadline.wait(for: "20 lines") { lines().count == 20 }
    #expect(lines().map { $0["request"]["uri"].string } == (0..<20).map { "/in/\($0)" })
    try FileManager.default.removeItem(at: path)
    _ = try fixture.gateway.get("/in/again")
    try Deadline.wait(for: "a line in a new file") { lines().map { $0["request"]["uri"].string } == ["/in/again"] }
  }

  @Test func aFileThatCannotBeOpenedIsReported() throws {
    let fixture = try LoggedGateway("file-log", "path: /no/such/folder/requests.log")
    #expect(try fixture.gateway.get("/in/1").status == 200)
    try fixture.gateway.waitForLog("failed to open the file /no/such/folder/requests.log: No such file or directory")
  }

  /// The system may have a log or not: requests do not depend on it.
  @Test func syslog() throws {
    let fixture = try LoggedGateway("syslog", "facility: local0")
    for _ in 0..<5 { #expect(try fixture.gateway.get("/in/1").status == 200) }
  }

  @Test func luaThatIsNoConstantIsRefused() throws {
    #expect {
      try LoggedGateway("udp-log", "host: a.test, port: 1, custom_fields_by_lua: {x: \"return kong.version\"}")
    } throws: { error in
      "\(error)".contains("Lua code is not available in this version of Gibbon")
    }
  }
}
