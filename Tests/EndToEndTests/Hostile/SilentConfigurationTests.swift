// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// What cannot work is said where it is written: names of plugins that there are not, parts of later versions.
@Suite struct SilentConfigurationTests {
  private let folder: TemporaryFolder

  init() throws { self.folder = try TemporaryFolder() }

  private func run(_ arguments: [String], _ environment: [String: String] = [:]) throws -> GatewayCommand {
    try GatewayCommand.run(
      arguments, environment: environment.merging(["GIBBON_PREFIX": self.folder.url.path]) { old, _ in old },
      folder: self.folder.url)
  }

  @Test(arguments: [
    ("bundled,key-atuh", "'key-atuh': Gibbon has no such plugin; did you mean 'key-auth'?"),
    ("bundled,oauth2", "'oauth2': Gibbon 0.1.0 does not have this plugin of Kong's yet; it is planned for version"),
    ("key-auth,my-own", "'my-own': Gibbon has no such plugin"),
  ])
  func unknownPluginsAreRefusedAtCheckAndStart(_ value: String, _ message: String) throws {
    let conf = try self.folder.write("plugins = \(value)\n", to: "gibbon.conf")
    for command in [["check", conf.path], ["start", "--foreground", "-c", conf.path]] {
      let result = try self.run(command)
      #expect(result.exitCode == 1, "\(result.allOutput)")
      #expect(result.errorOutput.contains("gibbon.conf:1: plugins: \(message)"), "\(result.allOutput)")
    }
  }

  @Test func knownPluginsAreTaken() throws {
    for value in ["bundled", "off", "key-auth, http-log"] {
      let conf = try self.folder.write("plugins = \(value)\n", to: "gibbon.conf")
      #expect(try self.run(["check", conf.path]).exitCode == 0)
    }
  }

  @Test(arguments: [
    ("key-atuh", "Gibbon has no such plugin; did you mean 'key-auth'?"),
    ("session", "does not have this plugin of Kong's yet"),
  ])
  func aFileThatNamesOneIsToldWhatToDo(_ name: String, _ message: String) throws {
    let file = try self.folder.write("_format_version: \"3.0\"\nplugins: [{name: \(name)}]\n", to: "kong.yml")
    let result = try self.run(["config", "parse", file.path])
    #expect(result.exitCode == 1)
    #expect(
      result.errorOutput.contains("plugin '\(name)' not enabled; add it to the 'plugins' configuration property: "),
      "\(result.allOutput)")
    #expect(result.errorOutput.contains(message), "\(result.allOutput)")
  }

  @Test(arguments: [
    ("_info: {}", "unknown field: written by decK for itself"),
    ("_workspace: a", "everything here is in the one workspace"),
    ("consumer_groups: []", "consumer groups are Kong Enterprise's"), ("servces: []", "did you mean 'services'?"),
  ])
  func namesOfOtherToolsAreExplained(_ line: String, _ message: String) throws {
    let file = try self.folder.write("_format_version: \"3.0\"\n\(line)\n", to: "kong.yml")
    let result = try self.run(["config", "parse", file.path])
    #expect(result.exitCode == 1 && result.errorOutput.contains(message), "\(result.allOutput)")
  }

  @Test func theAdminAPIKeepsKongsSentence() throws {
    let gateway = try GatewayProcess(administered: nil)
    let message = "plugin 'session' not enabled; add it to the 'plugins' configuration property"
    expect(
      try gateway.admin("POST", "/plugins", .json(["name": "session"])), 400, AdminError.violation("name", message))
  }

  private static let service = "services: [{name: far, url: \"tcp://example.test:9000\"}]"
  private static let remark = "service 'far' has protocol 'tcp': streams: not available in this version"

  @Test func servicesThatCannotBeReachedAreNamedByParse() throws {
    let file = try self.folder.write("_format_version: \"3.0\"\n\(Self.service)\n", to: "kong.yml")
    let result = try self.run(["config", "parse", file.path])
    #expect(result.exitCode == 0 && result.errorOutput.contains("Warning: \(Self.remark)"), "\(result.allOutput)")
  }

  @Test func andAtStartAndByAPost() throws {
    let declared = try GatewayProcess("_format_version: \"3.0\"\n\(Self.service)\n")
    try declared.waitForLog(Self.remark)
    let stored = try GatewayProcess(administered: nil)
    try stored.create("/services", ["name": "far", "url": "tcp://example.test:9000"])
    try stored.waitForLog(Self.remark)
  }

  @Test func aFileBesideADatabaseIsNotSilent() throws {
    let conf = try self.folder.write("database = sqlite\ndeclarative_config = /x/kong.yml\n", to: "gibbon.conf")
    let result = try self.run(["check", conf.path])
    #expect(result.exitCode == 0)
    #expect(result.errorOutput.contains("gibbon.conf:2: declarative_config is not read"), "\(result.allOutput)")
    #expect(!(try self.run(["check", conf.path], ["GIBBON_DATABASE": "off"]).allOutput.contains("is not read")))
  }
}
