// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// `gibbon explain` answers from what the gateway serves, and says from where it knows.
@Suite struct ExplainSourceTests {
  private static func file(_ name: String) -> String {
    "_format_version: \"3.0\"\nroutes: [{name: \(name), paths: [/\(name)]}]\n"
  }

  @Test func theRunningGatewayIsAsked() throws {
    let gateway = try GatewayProcess(administered: nil, declarative: Self.file("from-file"))
    #expect(try gateway.admin("POST", "/config", .yaml(Self.file("posted"))).status == 201)
    let result = try gateway.command("explain", "GET http://x.test/posted", "-H", "X-A: 1", "-H", "X-A: 2")
    #expect(result.output.contains("source:  the running gateway (pid \(gateway.processID))"), "\(result.allOutput)")
    #expect(result.output.contains("'posted'"), "\(result.allOutput)")
    let gone = try gateway.command("explain", "GET http://x.test/from-file")
    #expect(gone.output.contains("no route matches"), "\(gone.allOutput)")
  }

  @Test func withoutAnAdminAPIWhatItWasStartedWithCounts() throws {
    let folder = try TemporaryFolder()
    let gateway = try GatewayProcess(
      "", settings: ["declarative_config": folder.file("other.yml").path],
      environment: ["GIBBON_DECLARATIVE_CONFIG_STRING": Self.file("of-the-text"), "GIBBON_DECLARATIVE_CONFIG": ""])
    let result = try gateway.command("explain", "GET http://x.test/of-the-text")
    #expect(result.output.contains("declarative_config_string, which the running gateway"), "\(result.allOutput)")
    #expect(result.output.contains("'of-the-text'"), "\(result.allOutput)")
  }

  @Test func withoutAGatewayTheCommandsOwnConfigurationCounts() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(Self.file("mine"), to: "kong.yml")
    let result = try GatewayCommand.run(
      ["explain", "GET http://x.test/mine", "-p", folder.url.path],
      environment: ["GIBBON_DECLARATIVE_CONFIG": file.path], folder: folder.url)
    #expect(result.output.contains("source:  the declarative file \(file.path); no gateway runs in"))
    #expect(result.output.contains("'mine'"), "\(result.allOutput)")
  }

  @Test func noDatabaseIsMade() throws {
    let folder = try TemporaryFolder()
    let result = try GatewayCommand.run(
      ["explain", "GET http://x.test/", "-p", folder.url.path], folder: folder.url)
    #expect(result.exitCode == 1 && result.errorOutput.contains("there is no database at"), "\(result.allOutput)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("gibbon.db").path))
  }
}
