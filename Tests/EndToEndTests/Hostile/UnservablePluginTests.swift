// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// One accepted plugin that cannot be made would turn all traffic into 500: it is refused where it is written.
@Suite struct UnservablePluginTests {
  static let plugins: [(JSON, String)] = [
    (["name": "http-log", "config": ["http_endpoint": "{vault://env/endpoint}"]], "{vault://env/endpoint}"),
    (["name": "http-log", "config": ["http_endpoint": "ftp://127.0.0.1/x"]], "scheme"),
    (
      ["name": "key-auth", "config": ["anonymous": "ghost"]], "anonymous consumer ghost is configured but doesn't exist"
    ),
    (["name": "basic-auth", "config": ["anonymous": "ghost"]], "ghost"),
    (["name": "hmac-auth", "config": ["anonymous": "ghost"]], "ghost"),
    (["name": "jwt", "config": ["anonymous": "5d1f0e5e-0000-4000-8000-000000000000"]], "5d1f0e5e"),
  ]

  @Test(arguments: Self.plugins) func isRefusedByEveryWrite(_ plugin: JSON, _ words: String) throws {
    // One each: two of the same plugin would be in each other's way.
    let gateway = try GatewayProcess(administered: nil, environment: ["ENDPOINT": "no url"])
    let posted = try gateway.admin("POST", "/plugins", .json(plugin))
    #expect(posted.status == 400 && posted.json["code"] == 2 && posted.text.contains(words), "\(posted)")
    let path = "/plugins/5d1f0e5e-0000-4000-8000-0000000000aa"
    #expect(try gateway.admin("PUT", path, .json(plugin)).status == 400)
    let waiting = try gateway.create("/plugins", plugin.with(["enabled": false]))
    let own = "/plugins/\(waiting.json["id"].string ?? "")"
    #expect(try gateway.admin("PATCH", own, .json(["enabled": true])).status == 400)
    #expect(try gateway.get("/").status == 404)
    expect(try gateway.admin("DELETE", own), 204)
  }

  @Test(arguments: Self.plugins) func isRefusedInAFileWithItsLine(_ plugin: JSON, _ words: String) throws {
    let folder = try TemporaryFolder()
    let document: JSON = ["_format_version": "3.0", "plugins": [plugin]]
    let file = try folder.write(document.text, to: "kong.json")
    let result = try GatewayCommand.run(
      ["config", "parse", file.path], environment: ["GIBBON_PREFIX": folder.url.path, "ENDPOINT": "no url"],
      folder: folder.url)
    #expect(result.exitCode == 1 && result.errorOutput.contains("kong.json:1: plugins[0]"), "\(result.allOutput)")
    #expect(result.errorOutput.contains(words), "\(result.allOutput)")
  }

  @Test func isRefusedByPostConfig() throws {
    let kept = "_format_version: \"3.0\"\nservices: [{name: kept, host: h}]\n"
    let gateway = try GatewayProcess(administered: nil, declarative: kept)
    let document: JSON = [
      "_format_version": "3.0", "plugins": [["name": "key-auth", "config": ["anonymous": "ghost"]]],
    ]
    let reply = try gateway.admin("POST", "/config", .json(document))
    #expect(reply.status == 400 && reply.json["code"] == 14, "\(reply)")
    #expect(
      reply.json["fields"]["plugins"][0]["config"]["anonymous"]
        == "anonymous consumer ghost is configured but doesn't exist")
    #expect(try gateway.admin("GET", "/services/kept").status == 200)
  }

  @Test func isRefusedByAnImportThatKnowsTheDatabase() throws {
    let gateway = try GatewayProcess(administered: nil)
    try gateway.create("/consumers", ["username": "nobody"])
    func importing(_ name: String) throws -> GatewayCommand {
      try gateway.folder.write(
        "_format_version: \"3.0\"\nplugins: [{name: key-auth, config: {anonymous: \(name)}}]\n", to: "import.yml")
      return try gateway.command(
        "config", "db_import", gateway.folder.file("import.yml").path, "-c", gateway.configurationFile.path)
    }
    let refused = try importing("ghost")
    #expect(refused.exitCode == 1 && refused.errorOutput.contains("ghost"), "\(refused.allOutput)")
    let taken = try importing("nobody")
    #expect(taken.exitCode == 0, "\(taken.allOutput)")
  }
}
