// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// How much the error log says, and where.
@Suite struct LogLevelTests {
  /// Two `Host` fields: nginx and Kong note it at the level `info`.
  private func sendMalformed(to gateway: GatewayProcess) throws {
    #expect(try gateway.raw("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").status == 400)
  }

  private func refusals(in log: String) -> Int {
    log.split(separator: "\n").filter { $0.contains("[info]") && $0.contains("client sent") }.count
  }

  @Test(arguments: ["debug", "info", "notice", "warn", "error", "crit"])
  func linesBelowTheLevelAreNotWritten(level: String) throws {
    let gateway = try Fixture(settings: ["log_level": level]).gateway
    try self.sendMalformed(to: gateway)
    gateway.signal(SIGTERM)
    #expect(try gateway.waitForExit() == 0)
    // Everything is written by now.
    let isInfo = level == "debug" || level == "info"
    #expect(self.refusals(in: gateway.log) == (isInfo ? 1 : 0), "\(gateway.log)")
    #expect(gateway.log.contains("[notice]") == (isInfo || level == "notice"), "\(gateway.log)")
  }

  @Test func reloadChangesTheLevel() throws {
    let fixture = try Fixture(settings: ["log_level": "notice"])
    let gateway = fixture.gateway
    try self.sendMalformed(to: gateway)
    try self.reload(gateway, level: "info")
    try self.sendMalformed(to: gateway)
    try Deadline.wait(for: "an [info] line; the log is\n\(gateway.log)") { self.refusals(in: gateway.log) > 0 }
    // Lines come in order: the first request would have been here before.
    #expect(self.refusals(in: gateway.log) == 1)
    try self.reload(gateway, level: "notice")
    try self.sendMalformed(to: gateway)
    gateway.signal(SIGTERM)
    #expect(try gateway.waitForExit() == 0)
    #expect(self.refusals(in: gateway.log) == 1)
  }

  private func reload(_ gateway: GatewayProcess, level: String) throws {
    let before = gateway.log.components(separatedBy: "reloaded").count
    let conf = GatewayProcess.configuration(folder: gateway.folder, port: gateway.port, settings: ["log_level": level])
    try gateway.folder.write(conf, to: "gibbon.conf")
    gateway.signal(SIGHUP)
    try Deadline.wait(for: "the reload; the log is\n\(gateway.log)") {
      gateway.log.components(separatedBy: "reloaded").count > before
    }
  }

  @Test func pathIsTakenAsGiven() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("mine.log")
    let gateway = try Fixture(settings: ["proxy_error_log": file.path]).gateway
    try self.sendMalformed(to: gateway)
    try Deadline.wait(for: "a line in the given file") { self.refusals(in: contents(of: file)) == 1 }
    #expect(self.refusals(in: gateway.log) == 0)
  }

  @Test func relativePathLiesInThePrefix() throws {
    let gateway = try Fixture(settings: ["proxy_error_log": "logs/other.log"]).gateway
    try self.sendMalformed(to: gateway)
    let file = gateway.folder.file("logs/other.log")
    try Deadline.wait(for: "a line in \(file.path)") { self.refusals(in: contents(of: file)) == 1 }
  }
}
