// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import GibbonTesting
import NIOCore
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// tcp-log and udp-log, with real receivers.
@Suite struct SocketLogTests {
  private static func config(port: Int, _ others: JSONObject = [:]) -> JSONValue {
    var config: JSONObject = ["host": "127.0.0.1", "port": .int(Int64(port))]
    for member in others { config[member.key] = member.value }
    return .object(config)
  }

  private static func accept(_ listener: ListeningSocket) async throws -> MessageReader {
    MessageReader(try await self.connection(listener))
  }

  private static func connection(_ listener: ListeningSocket) async throws -> Socket {
    try await blocking {
      guard let socket = listener.accept(seconds: Deadline.defaultSeconds) else {
        throw HarnessError(.timedOut, "nobody connected")
      }
      return socket
    }
  }

  private static func line(_ reader: MessageReader) async throws -> JSONValue {
    try parsed(try await blocking { try reader.read(through: [0x0A]) }.dropLast())
  }

  // MARK: TCP

  @Test func linesGoOverOneConnection() async throws {
    let listener = try ListeningSocket()
    let plugin = try instance(
      TCPLogPlugin.self, Self.config(port: listener.port, ["custom_fields_by_lua": ["x": "return true"]]))
    try log(plugin, try finished("/1"))
    let reader = try await Self.accept(listener)
    let first = try await Self.line(reader)
    #expect(first["request"]?["uri"] == "/1" && first["x"] == true)
    for number in 2..<300 { try log(plugin, try finished("/\(number)")) }
    for number in 2..<300 {
      let line = try await Self.line(reader)
      #expect(line["request"]?["uri"] == .string("/\(number)"))
    }
  }

  @Test func aConnectionThatEndedIsMadeAgain() async throws {
    let listener = try ListeningSocket()
    let plugin = try instance(TCPLogPlugin.self, Self.config(port: listener.port))
    for number in 0..<3 {
      try log(plugin, try finished("/\(number)"))
      let socket = try await Self.connection(listener)
      let reader = MessageReader(socket)
      #expect(try await Self.line(reader)["request"]?["uri"] == .string("/\(number)"))
      try await blocking {
        socket.shutdownWrite()
        // The plugin closes in turn.
        _ = try reader.readToEnd(acceptingReset: true)
      }
    }
  }

  @Test func anIdleConnectionIsClosed() async throws {
    let listener = try ListeningSocket()
    let plugin = try instance(TCPLogPlugin.self, Self.config(port: listener.port, ["keepalive": 1]))
    try log(plugin, try finished("/1"))
    let reader = try await Self.accept(listener)
    _ = try await Self.line(reader)
    #expect(try await blocking { try reader.isAtEnd() })
    withExtendedLifetime(plugin) {}
  }

  @Test func aServerThatIsNotThereIsReportedAndItsLogsLost() async throws {
    let closed = try ListeningSocket(backlog: nil)
    let reports = Reports()
    let plugin = try instance(TCPLogPlugin.self, Self.config(port: closed.port), host: reports.host)
    try log(plugin, try finished())
    try await eventually("the loss") { reports.has("1 queue entries were lost") }
    #expect(reports.has("failed to connect to 127.0.0.1:\(closed.port): Connection refused"), "\(reports.lines)")
  }

  @Test func tlsIsNotVerified() async throws {
    let server = try await TLSReceiver()
    let plugin = try instance(
      TCPLogPlugin.self, Self.config(port: server.port, ["tls": true, "tls_sni": "logs.test"]))
    try log(plugin, try finished("/secret"))
    let line = try await server.text(endingWith: "\n")
    #expect(try parsed(line.utf8)["request"]?["uri"] == "/secret")
    try await server.close()
  }

  @Test(arguments: ["127.0.0.1", "::1", ""]) func anAddressIsNoServerName(name: String) async throws {
    let server = try await TLSReceiver()
    let plugin = try instance(
      TCPLogPlugin.self, Self.config(port: server.port, ["tls": true, "tls_sni": name.isEmpty ? .null : .string(name)]))
    try log(plugin, try finished("/secret"))
    #expect(try await server.text(endingWith: "\n").contains("/secret"))
    try await server.close()
  }

  // MARK: UDP

  @Test func eachRequestIsADatagram() async throws {
    let receiver = try DatagramReceiver()
    let plugin = try instance(
      UDPLogPlugin.self, Self.config(port: receiver.port, ["custom_fields_by_lua": ["source": "return nil"]]))
    for number in 0..<100 { try log(plugin, try finished("/\(number)")) }
    let seen = try await blocking { try (0..<100).map { _ in try parsed(try receiver.receive()) } }
    #expect(Set(seen.compactMap { $0["request"]?["uri"]?.stringValue }) == Set((0..<100).map { "/\($0)" }))
    #expect(seen.allSatisfy { $0["source"] == nil })
  }

  @Test func whatFitsIntoNoDatagramIsLostAlone() async throws {
    let receiver = try DatagramReceiver()
    let reports = Reports()
    let plugin = try instance(UDPLogPlugin.self, Self.config(port: receiver.port), host: reports.host)
    let large = try finished("/large")
    large.context.setLogValue("filler", .string(String(repeating: "x", count: 70_000)))
    try log(plugin, large)
    try log(plugin, try finished("/small"))
    let seen = try await blocking { try parsed(try receiver.receive()) }
    #expect(seen["request"]?["uri"] == "/small")
    try await eventually("the loss") { reports.has("1 queue entries were lost") }
    #expect(reports.has("could not send data to 127.0.0.1:\(receiver.port): Message too long"), "\(reports.lines)")
  }

  @Test func aNameThatIsNobodysIsReported() async throws {
    let reports = Reports()
    let plugin = try instance(UDPLogPlugin.self, ["host": "no-such-name.invalid", "port": 1], host: reports.host)
    try log(plugin, try finished())
    try await eventually("the failure") { reports.has("could not connect to no-such-name.invalid:1") }
  }

  // MARK: Configuration

  @Test(arguments: ["tcp-log", "udp-log"]) func hostAndPortAreRequired(name: String) {
    #expect(outcome(name, [:]).contains("2 schema violations"))
    #expect(outcome(name, ["host": "a.test", "port": 65536]).contains("value should be between 0 and 65535"))
    #expect(outcome(name, ["host": "a b", "port": 1]).contains("host"))
    #expect(outcome(name, ["host": "a.test", "port": 1]).contains(#""timeout":10000"#))
  }

  @Test func defaultsOfTCP() {
    let config = outcome("tcp-log", ["host": "a.test", "port": 1])
    #expect(config.contains(#""keepalive":60000"#) && config.contains(#""tls":false"#))
    #expect(outcome("tcp-log", ["host": "a.test", "port": 1, "tls": .null]).contains("required field missing"))
  }

  @Test func timesAreTamed() {
    #expect(LogTarget.amount(-1) == .milliseconds(1) && LogTarget.amount(.infinity) == .milliseconds(86_400_000))
    #expect(LogTarget.amount(1e300) == .milliseconds(86_400_000) && LogTarget.amount(1500) == .milliseconds(1500))
  }
}
