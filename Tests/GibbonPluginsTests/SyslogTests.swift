// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonSchema
import GibbonTesting
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// The syslog plugin, with a socket in the place of the system's log.
@Suite struct SyslogTests {
  private let folder: TemporaryFolder
  private var path: String { self.folder.file("log").path }

  init() throws { self.folder = try TemporaryFolder() }

  private func plugin(_ config: JSONValue = [:], host: PluginHost = PluginHost()) throws -> SyslogPlugin {
    SyslogPlugin(
      configuration: try configured(SyslogPlugin.self, config),
      environment: .testing("syslog", config: config, host: host), path: self.path)
  }

  @Test func eachRequestIsAMessage() async throws {
    let receiver = try DatagramReceiver(path: self.path)
    let plugin = try self.plugin(["custom_fields_by_lua": ["x": "return 1"]])
    try log(plugin, try finished("/1"))
    let text = try await blocking { try receiver.receiveText() }
    let parts = text.split(separator: ": ", maxSplits: 1).map(String.init)
    #expect(parts.count == 2)
    // <PRI>Mmm dd hh:mm:ss kong[pid]
    let head = try #require(parts.first)
    #expect(head.hasPrefix("<14>") && head.hasSuffix(" kong[\(getpid())]"))
    #expect(head.utf8.count == "<14>Nov 24 09:05:03 kong[\(getpid())]".utf8.count)
    let value = try parsed(parts[1].utf8)
    #expect(value["request"]?["uri"] == "/1" && value["x"] == 1)
  }

  static let severities: [(JSONValue, UInt16, Int?)] = [
    ([:], 200, 14), ([:], 404, 14), ([:], 500, 14),
    (["successful_severity": "notice", "facility": "local7"], 399, 23 * 8 + 5),
    (["client_errors_severity": "warning", "facility": "kern"], 400, 4),
    (["client_errors_severity": "warning", "facility": "auth"], 499, 36),
    (["server_errors_severity": "emerg", "facility": "authpriv"], 500, 80),
    (["successful_severity": "debug"], 200, nil),
    (["log_level": "err", "server_errors_severity": "warning"], 503, nil),
    (["log_level": "err", "server_errors_severity": "err"], 503, 11), (["log_level": "emerg"], 200, nil),
    (["log_level": "debug", "successful_severity": "debug"], 200, 15),
  ]

  @Test(arguments: Self.severities) func severityIsThatOfTheStatus(
    config: JSONValue, status: UInt16, priority: Int?
  ) async throws {
    let receiver = try DatagramReceiver(path: self.path)
    let plugin = try self.plugin(config)
    try log(plugin, try finished("/wanted", status: status))
    if priority == nil {
      // What is not written is not waited for: another instance's message comes first.
      try log(try self.plugin(), try finished("/other"))
    }
    let text = try await blocking { try receiver.receiveText() }
    #expect(text.hasPrefix("<\(priority ?? 14)>"))
    #expect(text.contains(priority == nil ? "/other" : "/wanted"))
  }

  @Test func aLogThatBeganAnewIsFoundAgain() async throws {
    let path = self.path
    let receiver = try DatagramReceiver(path: path)
    let plugin = try self.plugin()
    try log(plugin, try finished("/1"))
    _ = try await blocking { try receiver.receive() }
    receiver.close()
    try FileManager.default.removeItem(atPath: path)
    let second = try DatagramReceiver(path: path)
    try log(plugin, try finished("/2"))
    #expect(try await blocking { try second.receiveText() }.contains("/2"))
  }

  @Test func aLogThatIsNotThereIsReported() async throws {
    let reports = Reports()
    let plugin = try self.plugin(host: reports.host)
    try log(plugin, try finished())
    try await eventually("the failure") { reports.has("failed to connect to \(self.path): No such file or directory") }
    #expect(reports.has("1 queue entries were lost"))
  }

  @Test func whatIsTooLargeIsLostAlone() async throws {
    let reports = Reports()
    let receiver = try DatagramReceiver(path: self.path)
    let plugin = try self.plugin(host: reports.host)
    let large = try finished("/large")
    large.context.setLogValue("filler", .string(String(repeating: "x", count: 8 * 1024 * 1024)))
    try log(plugin, large)
    try log(plugin, try finished("/small"))
    #expect(try await blocking { try receiver.receiveText() }.contains("/small"))
    try await eventually("the loss") { reports.has("1 queue entries were lost") }
    #expect(reports.has("Message too long"))
  }

  @Test func theTimeIsWrittenAsTheSystemDoes() {
    // Noon, so that no time zone moves the day.
    let text = String(
      decoding: SyslogMessage.bytes(Array("x".utf8), priority: 14, processID: 7, unixSeconds: 1_704_369_600),
      as: UTF8.self)
    #expect(text.hasPrefix("<14>Jan  4 ") && text.hasSuffix(" kong[7]: x"))
  }

  @Test func configurations() {
    #expect(
      outcome("syslog", [:])
        == #"{"log_level":"info","successful_severity":"info","client_errors_severity":"info","#
        + #""server_errors_severity":"info","custom_fields_by_lua":null,"facility":"user"}"#)
    #expect(outcome("syslog", ["facility": "none"]).contains("expected one of: auth, authpriv, cron, daemon, ftp"))
    #expect(outcome("syslog", ["log_level": "warn"]).contains("expected one of: debug, info, notice, warning, err"))
    #expect(outcome("syslog", ["server_errors_severity": .null]).contains("required field missing"))
  }
}
