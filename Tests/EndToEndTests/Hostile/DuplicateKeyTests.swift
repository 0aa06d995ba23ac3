// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Keys given twice in files and bodies: whichever is lost, somebody believes that it is there.
@Suite struct DuplicateKeyTests {
  private static let shared = Result { try GatewayProcess(administered: nil) }
  private static let declared = Result {
    try GatewayProcess(administered: nil, declarative: "_format_version: \"3.0\"\nservices: [{name: kept, host: h}]\n")
  }

  @Test(arguments: [
    #"{"name": "a", "host": "h", "host": "i"}"#, "{\"name\": \"a\",\n\"host\": \"h\",\n\"tags\": [],\n\"host\": \"h\"}",
    #"{"name": "a", "host": "h", "n\u0061me": "b"}"#,
  ])
  func adminBodiesAreRefused(_ body: String) throws {
    for (method, path) in [("POST", "/services"), ("PUT", "/services/a")] {
      let reply = try Self.shared.get().admin(method, path, .json(text: body))
      #expect(reply.status == 400, "\(reply)")
      #expect(
        reply.json["message"].string?.contains("is given twice, on line 1 and on line") == true || body.contains("\n"))
      #expect(reply.json["message"].string?.hasPrefix("Cannot parse JSON body: '") == true, "\(reply)")
    }
    expect(try Self.shared.get().admin("GET", "/services/a"), 404)
  }

  @Test func nestedOnesTooWithBothLines() throws {
    let body =
      "{\"name\": \"http-log\",\n\"config\": {\n\"http_endpoint\": \"http://a\",\n\"http_endpoint\": \"http://b\"}}"
    let reply = try Self.shared.get().admin("POST", "/plugins", .json(text: body))
    expect(
      reply, 400, ["message": "Cannot parse JSON body: 'http_endpoint' is given twice, on line 3 and on line 4"])
  }

  @Test func configurationsAreRefused() throws {
    let yaml = "_format_version: \"3.0\"\nservices: [{name: a, host: h}]\nservices: [{name: b, host: h}]\n"
    let gateway = try Self.declared.get()
    for body in [AdminBody.yaml(yaml), .json(["config": .string(yaml)])] {
      let reply = try gateway.admin("POST", "/config", body)
      #expect(reply.status == 400 && reply.json["code"] == 14, "\(reply)")
      #expect(
        reply.json["fields"]["error"].string
          == "failed parsing declarative configuration: "
          + "not valid YAML: 'services' is given twice, on line 2 and on line 3"
      )
    }
    let json = "{\"_format_version\": \"3.0\",\n\"services\": [],\n\"services\": []}"
    let reply = try gateway.admin("POST", "/config", .json(text: json))
    #expect(
      reply.status == 400 && reply.text.contains("'services' is given twice, on line 2 and on line 3"), "\(reply)")
    #expect(try gateway.admin("GET", "/services/kept").status == 200)
  }

  @Test func filesAreRefusedAtStart() throws {
    let folder = try TemporaryFolder()
    try folder.write("_format_version: \"3.0\"\nservices: []\n\nservices: []\n", to: "kong.yml")
    let conf = try folder.write(
      GatewayProcess.configuration(folder: folder, port: 1, settings: [:]), to: "gibbon.conf")
    let result = try GatewayCommand.run(
      ["start", "--foreground", "-c", conf.path, "-p", folder.url.path], folder: folder.url)
    #expect(result.exitCode == 1)
    #expect(
      result.errorOutput.contains("kong.yml:4: not valid YAML: 'services' is given twice, on line 2 and on line 4"))
  }
}
