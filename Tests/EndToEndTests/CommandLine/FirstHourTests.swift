// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Small things a person meets with the first start.
@Suite struct FirstHourTests {
  private static func occurrences(of part: String, in text: String) -> Int {
    text.components(separatedBy: part).count - 1
  }

  /// Starts in the background, hands over what was said, and stops.
  private func started(
    _ settings: [String: String], _ look: (TemporaryFolder, GatewayCommand) throws -> Void = { _, _ in }
  ) throws {
    let folder = try TemporaryFolder()
    let text = GatewayProcess.configuration(
      folder: folder, port: try FreePort().number,
      settings: ["database": "sqlite", "declarative_config": ""].merging(settings) { _, given in given })
    let conf = try folder.write(text, to: "gibbon.conf")
    let result = try GatewayCommand.run(["start", "-c", conf.path, "-p", folder.url.path], folder: folder.url)
    defer { _ = try? GatewayCommand.run(["stop", "-p", folder.url.path], folder: folder.url) }
    #expect(result.exitCode == 0, "\(result.allOutput)")
    try look(folder, result)
  }

  @Test func migrationsAndWarningsAreSaidOnceOnTheTerminalAndOnceInTheLog() throws {
    try self.started(["stream_listen": "127.0.0.1:1"]) { folder, result in
      let log = contents(of: folder.file("logs/error.log"))
      for text in ["running migration core/", "stream_listen has no effect yet"] {
        let count = Self.occurrences(of: text, in: log)
        #expect(count > 0, "\(log)")
        #expect(Self.occurrences(of: text, in: result.allOutput) == count, "\(result.allOutput)")
      }
      let lines = log.split(separator: "\n").compactMap { $0.split(separator: ": ", maxSplits: 1).last }
      #expect(Set(lines).count == lines.count, "no line of the log is there twice:\n\(log)")
    }
  }

  @Test func inTheForegroundNothingIsSaidTwice() throws {
    let gateway = try GatewayProcess(
      administered: nil, settings: ["proxy_error_log": "/dev/stderr", "stream_listen": "127.0.0.1:1"])
    #expect(Self.occurrences(of: "stream_listen has no effect yet", in: gateway.log) == 1, "\(gateway.log)")
    let first = try #require(gateway.log.split(separator: "\n").first { $0.contains("running migration") })
    let name = try #require(first.components(separatedBy: "running migration ").last)
    #expect(Self.occurrences(of: "running migration " + name, in: gateway.log) == 1, "\(gateway.log)")
  }

  @Test func processIDFileIsOneLineUnderBothNames() throws {
    try self.started([:]) { folder, _ in
      for name in ["gibbon.pid", "nginx.pid"] {
        let text = contents(of: folder.file("pids/" + name))
        let pid = try #require(pid_t(text.dropLast()))
        #expect(text == "\(pid)\n")
        #expect(kill(pid, 0) == 0)
      }
      #expect(try GatewayCommand.run(["health", "-p", folder.url.path], folder: folder.url).exitCode == 0)
      _ = try GatewayCommand.run(["stop", "-p", folder.url.path], folder: folder.url)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("pids").path) == [])
    }
  }

  @Test(arguments: [
    ["headers": "off, via"], ["headers": "server_tokens, off, X-Kong-Upstream-Status"],
    ["headers_upstream": "X-Kong-Request-Id, off"], ["plugins": "key-auth, off, cors"], ["plugins": "off, key-auth"],
    ["admin_listen": "off, 127.0.0.1:1"], ["admin_gui_listen": "off"],
  ])
  func offAmongOthersIsTaken(settings: [String: String]) throws {
    try self.started(settings) { _, result in #expect(!result.allOutput.contains("has no effect yet")) }
  }

  @Test func offAmongHeadersCountsOnlyAsTheFirst() throws {
    let off = try Fixture(settings: ["headers": "off, via"])
    #expect(try off.gateway.get("/")["Via"] == nil)
    let on = try Fixture(settings: ["headers": "server_tokens, off, X-Kong-Upstream-Status"])
    let response = try on.gateway.get("/")
    #expect(response["Via"] != nil && response["X-Kong-Upstream-Status"] == "200")
  }

  @Test func whatIsNotThereYetIsNotMissedWhereItIsOff() throws {
    let folder = try TemporaryFolder()
    let text = """
      admin_gui_listen = off
      stream_listen = Off
      client_ssl = false
      wasm = false
      tracing_instrumentations = off
      """
    let conf = try folder.write(text, to: "gibbon.conf")
    let result = try GatewayCommand.run(["check", conf.path], folder: folder.url)
    #expect(result.exitCode == 0)
    #expect(!result.allOutput.contains("no effect yet"), "\(result.allOutput)")
  }

  @Test(arguments: ["proxy_listen", "admin_listen", "status_listen"]) func takenPortIsToldInPlainWords(
    property: String
  ) throws {
    let taken = try ListeningSocket()
    let folder = try TemporaryFolder()
    try folder.write("_format_version: \"3.0\"\n", to: "kong.yml")
    let text = GatewayProcess.configuration(
      folder: folder, port: try FreePort().number, settings: [property: "127.0.0.1:\(taken.port)"])
    let conf = try folder.write(text, to: "gibbon.conf")
    let result = try GatewayCommand.run(["start", "-c", conf.path, "-p", folder.url.path], folder: folder.url)
    #expect(result.exitCode == 1)
    let expected = "Error: \(property): 127.0.0.1:\(taken.port) is in use already (98: Address already in use)\n"
    #expect(result.errorOutput.hasPrefix(expected), "\(result.errorOutput)")
    #expect(!result.errorOutput.contains("bind("))
  }

  @Test func addressOfAnotherMachineIsNotCalledTaken() throws {
    for property in ["proxy_listen", "admin_listen"] {
      let folder = try TemporaryFolder()
      try folder.write("_format_version: \"3.0\"\n", to: "kong.yml")
      let text = GatewayProcess.configuration(
        folder: folder, port: try FreePort().number, settings: [property: "192.0.2.1:18000"])
      let conf = try folder.write(text, to: "gibbon.conf")
      let result = try GatewayCommand.run(["start", "-c", conf.path, "-p", folder.url.path], folder: folder.url)
      #expect(result.exitCode == 1)
      #expect(result.errorOutput.contains("no address of this machine"), "\(result.errorOutput)")
    }
  }

  @Test(.enabled(if: hasIPv6Loopback)) func loopbackOfIPv6NeedsNoOtherAddressOfIt() throws {
    let gateway = try GatewayProcess(
      administered: nil, declarative: "_format_version: \"3.0\"\n",
      settings: ["admin_listen": "127.0.0.1:@ADMIN@, [::1]:@ADMIN@"])
    #expect(try gateway.admin("GET", "/").status == 200)
    #expect(contents(of: URL(fileURLWithPath: "/proc/\(gateway.processID)/net/tcp6")).isEmpty == false)
  }

  @Test func standardStreamsThatAreFilesAreAppendedTo() throws {
    let fixture = try Fixture(settings: ["proxy_access_log": "/dev/stdout", "proxy_error_log": "/dev/stdout"])
    for number in 0..<3 { #expect(try fixture.gateway.get("/n\(number)").status == 200) }
    try fixture.gateway.waitForLog("GET /n2 ")
    for number in 0..<3 { #expect(fixture.gateway.log.contains("GET /n\(number) ")) }
    #expect(fixture.gateway.log.contains("serves configuration"))
    fixture.gateway.signal(SIGUSR1)
    #expect(try fixture.gateway.get("/after").status == 200)
    try fixture.gateway.waitForLog("GET /after ")
    #expect(fixture.gateway.log.contains("serves configuration"), "nothing was written over")
  }

  @Test func frozenGatewayIsNotHealthy() throws {
    let gateway = try GatewayProcess("_format_version: \"3.0\"\n")
    #expect(try gateway.command("health").exitCode == 0)
    gateway.signal(SIGSTOP)
    defer { gateway.signal(SIGCONT) }
    try Deadline.wait(for: "the freeze") { try gateway.command("health").exitCode == 1 }
    #expect(try gateway.command("health").errorOutput.contains("stopped by a signal"))
  }
}

private let hasIPv6Loopback = contents(of: URL(fileURLWithPath: "/proc/net/if_inet6")).contains("lo")
