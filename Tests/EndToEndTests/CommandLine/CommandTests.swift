// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// The commands that need no running gateway.
@Suite struct CommandTests {
  private let folder: TemporaryFolder

  init() throws { self.folder = try TemporaryFolder() }

  private func run(_ arguments: String..., environment: [String: String] = [:]) throws -> GatewayCommand {
    try GatewayCommand.run(arguments, environment: environment, folder: self.folder.url)
  }

  @Test func versionIsBare() throws {
    let result = try self.run("version")
    #expect(result.exitCode == 0)
    #expect(result.output.wholeMatch(of: /\d+\.\d+\.\d+\S*\n/) != nil, "\(result.output)")
    #expect(try self.run("version", "-a").exitCode == 0)
  }

  static let commands = [
    [], ["start"], ["stop"], ["quit"], ["restart"], ["reload"], ["health"], ["check"], ["version"], ["prepare"],
    ["config"], ["config", "parse"], ["explain"],
  ]

  @Test(arguments: Self.commands) func helpIsEverywhere(command: [String]) throws {
    let result = try GatewayCommand.run(command + ["--help"], folder: self.folder.url)
    #expect(result.exitCode == 0)
    #expect(result.output.contains("USAGE"))
  }

  @Test(arguments: [["fly"], ["start", "--sideways"], ["config", "dance"], ["health", "one", "two"]])
  func unknownWordsAreErrors(words: [String]) throws {
    let result = try GatewayCommand.run(words, folder: self.folder.url)
    #expect(result.exitCode != 0)
    #expect(result.errorOutput.contains("Error"))
    #expect(result.output == "")
  }

  @Test func checkApprovesAValidFile() throws {
    let conf = try self.folder.write("log_level = warn # quiet\nproxy_listen = 127.0.0.1:1\n", to: "a.conf")
    let result = try self.run("check", conf.path)
    #expect(result.exitCode == 0, "\(result.allOutput)")
    #expect(result.allOutput.contains("configuration at \(conf.path) is valid"))
  }

  @Test(arguments: [
    ("log_level = loud\n", "log_level"), ("lgo_level = warn\n", "lgo_level"), ("no equals sign\n", "1"),
  ])
  func checkNamesWhatIsWrong(text: String, word: String) throws {
    let conf = try self.folder.write(text, to: "b.conf")
    let result = try self.run("check", conf.path)
    #expect(result.exitCode == 1)
    #expect(result.errorOutput.contains(word), "\(result.allOutput)")
  }

  @Test(arguments: [
    ("proxy_listen = 127.0.0.1:1 ssl\nssl_cert = /no/such.crt\nssl_cert_key = /no/such.key\n", "/no/such.crt"),
    ("role = control_plane\nadmin_listen = off\n", "admin_listen"),
    ("database = off\ndeclarative_config = /no/such/kong.yml\n", "/no/such/kong.yml"),
  ])
  func checkRefusesWhatStartRefuses(text: String, word: String) throws {
    let conf = try self.folder.write(text, to: "c.conf")
    let result = try self.run("check", conf.path)
    #expect(result.exitCode == 1)
    #expect(result.errorOutput.contains(word), "\(result.allOutput)")
  }

  @Test func parseReadsTheStandardInput() throws {
    // The harness gives commands nothing to read.
    let result = try self.run("config", "parse", "-")
    #expect(result.exitCode == 1)
    #expect(result.errorOutput.contains("Failed parsing"), "\(result.allOutput)")
  }

  @Test func explainMakesNoDatabase() throws {
    let result = try self.run("explain", "/", "-p", self.folder.url.path)
    #expect(result.exitCode != 0)
    #expect(result.errorOutput.contains("there is no database"), "\(result.allOutput)")
    #expect(!FileManager.default.fileExists(atPath: self.folder.file("gibbon.db").path))
  }

  @Test func checkOfNoFileIsAnError() throws {
    let result = try self.run("check", "/no/such/file.conf")
    #expect(result.exitCode == 1)
    #expect(result.errorOutput.contains("/no/such/file.conf"))
  }

  @Test func parseApprovesAValidFile() throws {
    let file = try self.folder.write(Declarative.service(port: 1), to: "good.yml")
    let result = try self.run("config", "parse", file.path)
    #expect(result.exitCode == 0, "\(result.allOutput)")
    #expect(result.allOutput.lowercased().contains("parse successful"))
  }

  @Test func parseTakesJSONToo() throws {
    let text = #"{"_format_version": "3.0", "services": [{"name": "a", "host": "h"}]}"#
    let file = try self.folder.write(text, to: "good.json")
    #expect(try self.run("config", "parse", file.path).exitCode == 0)
  }

  @Test func parseNamesWhatIsWrong() throws {
    let text = "_format_version: \"3.0\"\nservices:\n- name: a\n  host: h\n  retries: many\n"
    let file = try self.folder.write(text, to: "bad.yml")
    let result = try self.run("config", "parse", file.path)
    #expect(result.exitCode == 1)
    #expect(result.errorOutput.contains("retries"))
  }

  @Test func explainNamesTheRouteThatWouldMatch() throws {
    let text = """
      _format_version: "3.0"
      services:
      - name: shop
        url: http://127.0.0.1:1/base
        routes:
        - {name: wide, paths: [/]}
        - {name: narrow, paths: [/cart], headers: {x-tier: [gold]}}
      """
    try self.folder.write(text, to: "kong.yml")
    let conf = try self.folder.write(
      GatewayProcess.configuration(folder: self.folder, port: 1, settings: [:]), to: "gibbon.conf")
    let gold = try self.run(
      "explain", "GET http://shop.test/cart/1?x", "-H", "x-tier: gold", "-c", conf.path, "-p", self.folder.url.path)
    #expect(gold.exitCode == 0, "\(gold.allOutput)")
    #expect(gold.output.contains("narrow"))
    #expect(gold.output.contains("shop"))
    let plain = try self.run("explain", "GET http://shop.test/cart/1", "-c", conf.path, "-p", self.folder.url.path)
    #expect(plain.output.contains("wide"))
    let nonsense = try self.run("explain", "not a request", "-c", conf.path, "-p", self.folder.url.path)
    #expect(nonsense.exitCode != 0)
  }
}
