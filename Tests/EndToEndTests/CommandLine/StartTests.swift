// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// `start` in the background, and everything else that acts on a running gateway.
@Suite struct StartTests {
  /// A prefix with both files, and the commands for it; whatever was started ends with it.
  private final class Prefix: Sendable {
    let folder: TemporaryFolder
    let port: FreePort
    let origin: Origin

    init(settings: [String: String] = [:]) throws {
      self.folder = try TemporaryFolder()
      self.port = try FreePort()
      self.origin = try Origin()
      try self.folder.write(Declarative.service(port: self.origin.port), to: "kong.yml")
      let text = GatewayProcess.configuration(folder: self.folder, port: self.port.number, settings: settings)
      try self.folder.write(text, to: "gibbon.conf")
    }

    deinit { _ = try? self.run("stop") }

    func run(_ command: String, _ more: String..., environment: [String: String] = [:]) throws -> GatewayCommand {
      let conf =
        ["start", "restart", "reload", "prepare"].contains(command)
        ? ["-c", self.folder.file("gibbon.conf").path] : []
      return try GatewayCommand.run(
        [command] + conf + ["-p", self.folder.url.path] + more, environment: environment, folder: self.folder.url)
    }

    func status(port: Int? = nil) throws -> Int {
      let client = try RawClient(port: port ?? self.port.number)
      try client.request("GET", "/", headers: [("Connection", "close")])
      return try client.response().status
    }

    var isListening: Bool {
      guard let socket = try? Socket.connect(port: self.port.number, seconds: 1) else { return false }
      socket.close()
      return true
    }
  }

  @Test func startReturnsWhenTheGatewayServes() throws {
    let prefix = try Prefix()
    let started = try prefix.run("start")
    #expect(started.exitCode == 0, "\(started.allOutput)")
    #expect(try prefix.status() == 200)
    let healthy = try prefix.run("health")
    #expect(healthy.exitCode == 0)
    #expect(healthy.allOutput.contains(" is healthy at "))
    let stopped = try prefix.run("stop")
    #expect(stopped.exitCode == 0)
    #expect(!prefix.isListening, "stop returns when the gateway has ended")
  }

  @Test func healthOfAStoppedGatewayFails() throws {
    let prefix = try Prefix()
    let result = try prefix.run("health")
    #expect(result.exitCode == 1)
    #expect(result.errorOutput.contains("Error"))
  }

  @Test(arguments: ["stop", "quit", "reload"]) func nothingToActOnIsAnError(command: String) throws {
    let result = try Prefix().run(command)
    #expect(result.exitCode == 1)
    #expect(result.errorOutput.lowercased().contains("not running"), "\(result.allOutput)")
  }

  @Test func secondStartIsRefused() throws {
    let prefix = try Prefix()
    #expect(try prefix.run("start").exitCode == 0)
    let second = try prefix.run("start")
    #expect(second.exitCode == 1)
    #expect(second.errorOutput.lowercased().contains("already running"), "\(second.allOutput)")
    #expect(try prefix.status() == 200)
  }

  @Test func quitEndsGracefully() throws {
    let prefix = try Prefix()
    #expect(try prefix.run("start").exitCode == 0)
    let result = try prefix.run("quit", "-t", "5")
    #expect(result.exitCode == 0, "\(result.allOutput)")
    #expect(!prefix.isListening)
  }

  @Test func restartTakesTheNewConfiguration() throws {
    let prefix = try Prefix()
    #expect(try prefix.run("start").exitCode == 0)
    let other = try FreePort()
    let text = GatewayProcess.configuration(folder: prefix.folder, port: other.number, settings: [:])
    try prefix.folder.write(text, to: "gibbon.conf")
    let result = try prefix.run("restart")
    #expect(result.exitCode == 0, "\(result.allOutput)")
    #expect(try prefix.status(port: other.number) == 200)
    #expect(!prefix.isListening)
  }

  @Test func restartHasTheFileAndTheVariablesThatStartWasGiven() throws {
    let prefix = try Prefix()
    let other = try FreePort()
    let environment = ["GIBBON_PROXY_LISTEN": "127.0.0.1:\(other.number)"]
    #expect(try prefix.run("start", environment: environment).exitCode == 0)
    let folder = prefix.folder.url
    let result = try GatewayCommand.run(["restart", "-p", folder.path], folder: folder)
    #expect(result.exitCode == 0, "\(result.allOutput)")
    #expect(try prefix.status(port: other.number) == 200)
    // What this command is given goes before that.
    let own = ["GIBBON_PROXY_LISTEN": "127.0.0.1:\(prefix.port.number)"]
    #expect(try GatewayCommand.run(["restart", "-p", folder.path], environment: own, folder: folder).exitCode == 0)
    #expect(try prefix.status() == 200)
  }

  @Test func prefixLeftByAKilledGatewayIsNoObstacle() throws {
    let prefix = try Prefix()
    #expect(try prefix.run("start").exitCode == 0)
    let files = try FileManager.default.subpathsOfDirectory(atPath: prefix.folder.url.path)
    let name = try #require(files.first { $0.hasSuffix(".pid") })
    let id = try #require(contents(of: prefix.folder.file(name)).split(separator: "\n").first.flatMap { pid_t($0) })
    kill(id, SIGKILL)
    try Deadline.wait(for: "the port to close") { !prefix.isListening }
    #expect(try prefix.run("health").exitCode == 1)
    let again = try prefix.run("start")
    #expect(again.exitCode == 0, "\(again.allOutput)")
    #expect(try prefix.status() == 200)
  }

  @Test(arguments: ["GIBBON", "KONG"]) func environmentBeatsTheFile(name: String) throws {
    let prefix = try Prefix()
    let other = try FreePort()
    let environment = ["\(name)_PROXY_LISTEN": "127.0.0.1:\(other.number)"]
    let result = try prefix.run("start", environment: environment)
    #expect(result.exitCode == 0, "\(result.allOutput)")
    #expect(try prefix.status(port: other.number) == 200)
    #expect(!prefix.isListening)
  }

  @Test func prepareMakesThePrefixWithoutStarting() throws {
    let prefix = try Prefix()
    let result = try prefix.run("prepare")
    #expect(result.exitCode == 0, "\(result.allOutput)")
    #expect(FileManager.default.fileExists(atPath: prefix.folder.file("logs").path))
    #expect(!prefix.isListening)
  }
}
