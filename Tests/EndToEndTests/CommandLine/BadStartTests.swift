// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// A start that cannot work ends at once with exit code 1 and says what to change.
@Suite struct BadStartTests {
  /// Starts in the foreground and waits for the failure.
  private func failure(
    settings: [String: String] = [:], declarative: String? = "_format_version: \"3.0\"\n",
    environment: [String: String] = [:], foreground: Bool = true
  ) throws -> String {
    let folder = try TemporaryFolder()
    let port = try FreePort()
    if let declarative { try folder.write(declarative, to: "kong.yml") }
    let text = GatewayProcess.configuration(folder: folder, port: port.number, settings: settings)
    let conf = try folder.write(text, to: "gibbon.conf")
    let result = try GatewayCommand.run(
      ["start"] + (foreground ? ["--foreground"] : []) + ["-c", conf.path, "-p", folder.url.path],
      environment: environment, folder: folder.url)
    #expect(result.exitCode == 1, "\(result.allOutput)")
    return result.errorOutput + contents(of: folder.file("logs/error.log"))
  }

  @Test(arguments: [true, false]) func portInUseIsNamed(foreground: Bool) throws {
    let taken = try ListeningSocket()
    let text = try self.failure(
      settings: ["proxy_listen": "127.0.0.1:\(taken.port)"], foreground: foreground)
    #expect(text.contains(String(taken.port)))
    #expect(text.lowercased().contains("in use"))
  }

  static let values = [
    ("proxy_listen", "nonsense"), ("proxy_listen", "127.0.0.1:99999"), ("proxy_listen", "127.0.0.1:8000 shiny"),
    ("log_level", "loud"), ("nginx_worker_processes", "many"), ("upstream_keepalive_pool_size", "lots"),
    ("trusted_ips", "300.1.1.1"), ("router_flavor", "vanilla"), ("database", "mongo"),
    ("allow_debug_header", "maybe"), ("error_default_type", "image/png"),
  ]

  @Test(arguments: Self.values) func badValueIsNamed(property: String, value: String) throws {
    let text = try self.failure(settings: [property: value])
    #expect(text.contains(property), "\(text)")
    #expect(text.contains("Error"))
  }

  @Test func badValueInTheEnvironmentIsNamed() throws {
    let text = try self.failure(environment: ["GIBBON_LOG_LEVEL": "loud"])
    #expect(text.contains("log_level") || text.contains("GIBBON_LOG_LEVEL"), "\(text)")
  }

  @Test func unknownPropertyIsNamed() throws {
    #expect(try self.failure(settings: ["proxy_lisen": "127.0.0.1:1"]).contains("proxy_lisen"))
  }

  @Test func missingDeclarativeFileIsNamed() throws {
    #expect(try self.failure(declarative: nil).contains("kong.yml"))
  }

  static let files = [
    ("services: [", "kong.yml"), ("services: []\n", "_format_version"),
    ("_format_version: \"9.9\"\n", "_format_version"),
    ("_format_version: \"3.0\"\nservises: []\n", "servises"),
    ("_format_version: \"3.0\"\nservices:\n- {name: a, host: h, port: 70000}\n", "port"),
    ("_format_version: \"3.0\"\nservices:\n- {name: a, host: h}\n- {name: a, host: h}\n", "uniqueness violation"),
    ("_format_version: \"3.0\"\nroutes:\n- {name: r, paths: [/], service: ghost}\n", "ghost"),
    ("_format_version: \"3.0\"\nplugins:\n- {name: key-auth, config: {key_naems: [a]}}\n", "key_naems"),
  ]

  @Test(arguments: Self.files) func badDeclarativeFileIsExplained(text: String, word: String) throws {
    let message = try self.failure(declarative: text)
    #expect(message.contains(word), "\(message)")
  }

  @Test func missingConfigurationFileIsNamed() throws {
    let folder = try TemporaryFolder()
    let result = try GatewayCommand.run(
      ["start", "-c", "/no/such/gibbon.conf", "-p", folder.url.path], folder: folder.url)
    #expect(result.exitCode == 1)
    #expect(result.errorOutput.contains("/no/such/gibbon.conf"))
  }

  @Test func prefixThatCannotBeWrittenIsNamed() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("a file, not a folder", to: "prefix")
    try folder.write("_format_version: \"3.0\"\n", to: "kong.yml")
    let text = GatewayProcess.configuration(folder: folder, port: try FreePort().number, settings: [:])
    let conf = try folder.write(text, to: "gibbon.conf")
    let result = try GatewayCommand.run(
      ["start", "--foreground", "-c", conf.path, "-p", file.path], folder: folder.url)
    #expect(result.exitCode == 1)
    #expect(result.errorOutput.contains(file.path))
  }
}
