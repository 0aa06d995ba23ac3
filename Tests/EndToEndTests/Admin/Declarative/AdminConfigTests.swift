// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `/config` of a gateway without a database: what is taken (the notes, 13).
@Suite struct AdminConfigTests {
  private static let empty = "_format_version: \"3.0\"\n"

  private func gateway(_ declarative: String = Self.empty) throws -> GatewayProcess {
    try GatewayProcess(administered: nil, declarative: declarative)
  }

  private static func document(_ name: String, port: Int = 9) -> String {
    """
    _format_version: "3.0"
    services:
    - name: \(name)
      url: http://127.0.0.1:\(port)
      routes:
      - name: \(name)-route
        paths: [/\(name)]
    consumers:
    - username: \(name)-user
      keyauth_credentials:
      - key: \(name)-key

    """
  }

  private static func json(_ name: String) -> JSON {
    [
      "_format_version": "3.0",
      "services": [["name": .string(name), "url": "http://127.0.0.1:9", "routes": [["paths": [.string("/\(name)")]]]]],
    ]
  }

  @Test func yamlReplacesWhatIsServed() throws {
    let origin = try Origin { try $0.respond(body: "origin") }
    let gateway = try self.gateway(Self.document("before", port: origin.port))
    let connections = try ProxyConnections(gateway)
    #expect(try connections.statuses("/before") == [200])
    let reply = try gateway.admin("POST", "/config", .yaml(Self.document("after", port: origin.port)))
    expect(reply, 201)
    #expect(try connections.statuses("/after") == [200])
    #expect(try connections.statuses("/before") == [404])
    #expect(reply.json.keys == ["consumers", "keyauth_credentials", "routes", "services"])
    let service = try gateway.admin("GET", "/services/after").json
    #expect(reply.json["services"] == [service["id"].string ?? "": service])
    let route = try gateway.admin("GET", "/routes/after-route").json
    #expect(route["service"] == ["id": service["id"]])
    #expect(reply.json["routes"][route["id"].string ?? ""]["service"] == ["id": service["id"]])
    expect(try gateway.admin("GET", "/services/before"), 404)
  }

  @Test func everyFormOfADocumentIsTaken() throws {
    let gateway = try self.gateway()
    let bodies: [(String, AdminBody)] = [
      ("json", .json(Self.json("json"))), ("yaml", .text(Self.document("yaml"), type: "text/yaml")),
      ("field", .json(["config": .string(Self.document("field"))])),
      ("field-json", .json(["config": .string(Self.json("field-json").text)])),
      ("multipart", .multipart([("config", Self.document("multipart"))])),
      ("form", .form("config=" + Self.json("form").text.replacing("+", with: "%2B"))),
    ]
    for (name, body) in bodies {
      expect(try gateway.admin("POST", "/config", body), 201)
      #expect(try gateway.admin("GET", "/services").data.map { $0["name"] } == [.string(name)])
    }
  }

  @Test func theConfigurationIsReadAsYAMLThatIsTakenAgain() throws {
    let gateway = try self.gateway(Self.document("round"))
    // Loading is an update of everything.
    let services = { try gateway.admin("GET", "/services").data.map { $0.without("updated_at") } }
    let before = try services()
    let reply = try gateway.admin("GET", "/config")
    expect(reply, 200)
    let text = try #require(reply.json["config"].string)
    #expect(text.contains("_format_version:") && text.contains("round-key") && !text.contains("upstreams:"))
    expect(try gateway.admin("POST", "/config", .yaml(Self.empty)), 201, [:])
    expect(try gateway.admin("GET", "/services"), 200, ["data": [], "next": nil])
    expect(try gateway.admin("POST", "/config", .yaml(text)), 201)
    #expect(try services() == before)
  }

  @Test func theSameConfigurationIsNotLoadedAgain() throws {
    let gateway = try self.gateway()
    let hash = { try gateway.admin("GET", "/status").json["configuration_hash"].string ?? "" }
    let document = Self.document("hash")
    expect(try gateway.admin("POST", "/config?check_hash=1", .yaml(document)), 201)
    let loaded = try hash()
    #expect(loaded.utf8.count == 32 && loaded != String(repeating: "0", count: 32))
    let same = try gateway.admin("POST", "/config?check_hash=1", .yaml(document))
    expect(same, 304)
    #expect(same.text.isEmpty)
    expect(try gateway.admin("POST", "/config", .yaml(document)), 201)
    expect(try gateway.admin("POST", "/config?check_hash=1", .yaml(Self.document("other"))), 201)
    #expect(try hash() != loaded)
  }

  @Test func aDeclarativeGatewayIsReadyAndHasNoDatabase() throws {
    let gateway = try self.gateway()
    let status = try gateway.admin("GET", "/status").json
    #expect(status["database"] == .missing)
    #expect(status["configuration_hash"].string?.utf8.count == 32)
    #expect(try gateway.admin("GET", "/").json["configuration"]["database"] == "off")
    expect(try gateway.statusAPI("GET", "/status/ready"), 200, ["message": "ready"])
    expect(
      try gateway.admin("PUT", "/debug/node/log-level/debug"), 405,
      ["message": "cannot change log level when not using a database"])
    #expect(try gateway.admin("GET", "/debug/node/log-level").status == 200)
  }
}
