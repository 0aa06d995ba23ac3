// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// A reload that is refused has done nothing: no route, no setting, no open file of it is there.
@Suite struct RefusedReloadTests {
  private static func routes(_ name: String, port: Int) -> String {
    """
    _format_version: "3.0"
    services:
    - name: origin
      url: http://127.0.0.1:\(port)
      routes:
      - {name: \(name), paths: [/\(name)]}
    """
  }

  private func fixture(_ settings: [String: String] = [:]) throws -> Fixture {
    try Fixture(declarative: { Self.routes("old", port: $0) }, settings: settings)
  }

  private func expectTheOldOne(_ fixture: Fixture) throws {
    #expect(try fixture.gateway.get("/old").status == 200)
    #expect(try fixture.gateway.get("/new").status == 404)
  }

  private static func openFiles(_ gateway: GatewayProcess) throws -> [String] {
    let folder = "/proc/\(gateway.processID)/fd"
    return try FileManager.default.contentsOfDirectory(atPath: folder).compactMap {
      try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
    }
  }

  /// Changes everything that can be changed, with `settings` that cannot be applied, and reloads.
  private func refuse(_ fixture: Fixture, _ settings: [String: String]) throws -> GatewayCommand {
    let gateway = fixture.gateway
    try gateway.rewrite(Self.routes("new", port: fixture.origin.port))
    try gateway.change(
      ["proxy_access_log": gateway.folder.file("logs/new.log").path, "headers": "off", "log_level": "debug"]
        .merging(settings) { _, given in given })
    let result = try gateway.command("reload", "-c", gateway.configurationFile.path)
    #expect(result.exitCode == 1, "\(result.allOutput)")
    return result
  }

  @Test func busyPortLeavesEverythingAsItWas() throws {
    let fixture = try self.fixture()
    let gateway = fixture.gateway
    let taken = try ListeningSocket()
    let free = try FreePort()
    let sockets = try openSocketCount(of: gateway.processID)
    let result = try self.refuse(
      fixture,
      ["proxy_listen": "127.0.0.1:\(gateway.port), 127.0.0.1:\(free.number), 127.0.0.1:\(taken.port)"])
    #expect(result.errorOutput.contains("127.0.0.1:\(taken.port) is in use already"), "\(result.allOutput)")
    try self.expectTheOldOne(fixture)
    #expect(try gateway.get("/old")["Via"] != nil, "the setting 'headers' is the old one")
    #expect(try !Self.openFiles(gateway).contains { $0.hasSuffix("/new.log") })
    #expect(!FileManager.default.fileExists(atPath: gateway.folder.file("logs/new.log").path))
    #expect((try? Socket.connect(port: free.number, seconds: 1)) == nil, "a listener of the refused one is closed")
    try waitForSockets(of: gateway, atMost: sockets)
    _ = try gateway.waitForAccessLine("/old")
    #expect(!gateway.log.contains("[debug]"))
  }

  @Test func logThatCannotBeOpenedLeavesEverythingAsItWas() throws {
    let fixture = try self.fixture()
    let result = try self.refuse(fixture, ["proxy_access_log": "/no/such/folder/access.log"])
    #expect(result.errorOutput.contains("proxy_access_log"), "\(result.allOutput)")
    try self.expectTheOldOne(fixture)
  }

  @Test func declarativeFileWithMistakesOpensNoListenerAndNoLog() throws {
    let fixture = try self.fixture()
    let gateway = fixture.gateway
    let free = try FreePort()
    try gateway.rewrite("services: [")
    try gateway.change([
      "proxy_listen": "127.0.0.1:\(gateway.port), 127.0.0.1:\(free.number)",
      "proxy_access_log": gateway.folder.file("logs/new.log").path,
    ])
    #expect(try gateway.command("reload", "-c", gateway.configurationFile.path).exitCode == 1)
    try self.expectTheOldOne(fixture)
    #expect((try? Socket.connect(port: free.number, seconds: 1)) == nil)
    #expect(!FileManager.default.fileExists(atPath: gateway.folder.file("logs/new.log").path))
  }

  @Test func whatARefusedReloadBroughtAlongIsForgotten() throws {
    let fixture = try self.fixture()
    let gateway = fixture.gateway
    let taken = try ListeningSocket()
    let folder = gateway.folder.url
    // The environment of a reload goes before the file, also in later reloads, once it was applied.
    let refused = try GatewayCommand.run(
      ["reload", "-p", folder.path], environment: ["GIBBON_PROXY_LISTEN": "127.0.0.1:\(taken.port)"], folder: folder)
    #expect(refused.exitCode == 1)
    try gateway.rewrite(Self.routes("new", port: fixture.origin.port))
    let plain = try gateway.command("reload")
    #expect(plain.exitCode == 0, "\(plain.allOutput)")
    #expect(try gateway.get("/new").status == 200)
  }

  @Test func datastoreNodeKeepsItsSettingsToo() throws {
    let gateway = try GatewayProcess(administered: nil)
    let taken = try ListeningSocket()
    try gateway.create("/services", ["name": "s", "url": "http://127.0.0.1:1"])
    try gateway.create("/services/s/routes", ["name": "r", "paths": ["/r"]])
    try gateway.change([
      "proxy_listen": "127.0.0.1:\(gateway.port), 127.0.0.1:\(taken.port)", "headers": "off",
    ])
    #expect(try gateway.command("reload", "-c", gateway.configurationFile.path).exitCode == 1)
    #expect(try gateway.get("/none")["Server"] != nil)
    // What is written later is still followed.
    try gateway.create("/services/s/routes", ["name": "q", "paths": ["/q"]])
    #expect(try gateway.get("/q").status == 502)
  }

  @Test func aReloadThatIsAppliedTakesAllOfIt() throws {
    let fixture = try self.fixture()
    let gateway = fixture.gateway
    let free = try FreePort()
    try gateway.rewrite(Self.routes("new", port: fixture.origin.port))
    try gateway.change([
      "proxy_listen": "127.0.0.1:\(gateway.port), 127.0.0.1:\(free.number)", "headers": "off",
      "proxy_access_log": gateway.folder.file("logs/new.log").path,
    ])
    let result = try gateway.command("reload", "-c", gateway.configurationFile.path)
    #expect(result.exitCode == 0, "\(result.allOutput)")
    let response = try gateway.get("/new")
    #expect(response.status == 200 && response["Via"] == nil)
    try Deadline.wait(for: "a line in the new log") {
      contents(of: gateway.folder.file("logs/new.log")).contains("/new")
    }
    #expect(try !Self.openFiles(gateway).contains { $0.hasSuffix("/access.log") }, "the old log is closed")
    let client = try RawClient(port: free.number)
    try client.request("GET", "/new")
    #expect(try client.response().status == 200)
  }
}
