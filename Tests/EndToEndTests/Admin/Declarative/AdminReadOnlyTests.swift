// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Entities of a gateway without a database: read as ever, and not written (the notes, 16).
@Suite struct AdminReadOnlyTests {
  private static let service = "5d1f1ed1-21a1-4b5e-8a57-000000000001"
  private static let consumer = "5d1f1ed1-21a1-4b5e-8a57-000000000002"
  private static let shared = Result {
    try GatewayProcess(
      administered: nil,
      declarative: """
        _format_version: "3.0"
        services:
        - {id: \(Self.service), name: s, host: h, tags: [t], routes: [{name: r, paths: [/r]}]}
        consumers:
        - {id: \(Self.consumer), username: u, custom_id: "7", keyauth_credentials: [{key: k}]}
        upstreams:
        - {name: up.test, targets: [{target: "10.0.0.1:80"}]}

        """)
  }

  private func send(_ method: String, _ target: String, _ body: AdminBody = .none) throws -> AdminReply {
    try Self.shared.get().admin(method, target, body)
  }

  @Test func everythingIsRead() throws {
    #expect(try self.send("GET", "/services/s").id == Self.service)
    #expect(try self.send("GET", "/services/\(Self.service)").json["name"] == "s")
    #expect(try self.send("GET", "/services/s/routes").data.map { $0["name"] } == ["r"])
    #expect(try self.send("GET", "/routes/r/service").id == Self.service)
    #expect(try self.send("GET", "/consumers?custom_id=7").data.map { $0["id"] } == [.string(Self.consumer)])
    #expect(try self.send("GET", "/key-auths/k").json["consumer"] == ["id": .string(Self.consumer)])
    #expect(try self.send("GET", "/upstreams/up.test/targets").data.map { $0["target"] } == ["10.0.0.1:80"])
    #expect(try self.send("GET", "/services?tags=t").data.count == 1)
    #expect(try self.send("GET", "/tags/t").data.count == 1)
    expect(try self.send("GET", "/services/ghost"), 404, AdminError.notFound)
  }

  static let writes: [(String, String, JSON, String)] = [
    ("POST", "/services", ["host": "h"], "create 'services' entities"),
    ("POST", "/services/s/routes", ["paths": ["/"]], "create 'routes' entities"),
    ("POST", "/consumers/u/key-auth", [:], "create 'keyauth_credentials' entities"),
    ("POST", "/upstreams/up.test/targets", ["target": "a"], "create 'targets' entities"),
    ("PUT", "/services/\(Unknown.id)", ["host": "h"], "create or update 'services' entities"),
    ("PUT", "/services/new", ["host": "h"], "create or update 'services' entities by 'name'"),
    ("PATCH", "/services/\(Self.service)", ["retries": 1], "update 'services' entities"),
    ("PATCH", "/consumers/u", ["tags": ["x"]], "update 'consumers' entities by 'username'"),
    ("DELETE", "/services/\(Self.service)", [:], "remove 'services' entities"),
    ("DELETE", "/consumers/u", [:], "remove 'consumers' entities by 'username'"),
  ]

  @Test(arguments: Self.writes) func writingIsRefused(
    method: String, path: String, body: JSON, what: String
  ) throws {
    expect(try self.send(method, path, .json(body)), 405, AdminError.unsupported(what))
  }

  @Test func whatIsWrongIsSaidFirst() throws {
    expect(
      try self.send("POST", "/services", .json([:])), 400, AdminError.violation("host", "required field missing"))
    expect(try self.send("PATCH", "/services/ghost", .json([:])), 404, AdminError.missing("name", "ghost"))
    expect(
      try self.send("PATCH", "/services/s", .json(["port": "1"])), 400,
      AdminError.violation("port", "expected an integer"))
    expect(try self.send("POST", "/services/ghost/routes", .json(["paths": ["/"]])), 404, AdminError.notFound)
    expect(try self.send("DELETE", "/services/s/routes/ghost"), 404, AdminError.notFound)
    expect(try self.send("DELETE", "/services/ghost"), 204)
    expect(try self.send("DELETE", "/services/\(Unknown.id)"), 204)
    expect(try self.send("PATCH", "/services", .json([:])), 405, AdminError.notAllowed)
    expect(
      try self.send("POST", "/routes", .json(["paths": ["/"], "service": ["name": "ghost"]])), 400,
      AdminError.unresolved("service", "name", "ghost", "services"))
  }

  @Test func schemasCanBeCheckedAgainst() throws {
    expect(
      try self.send("POST", "/schemas/services/validate", .json(["host": "h"])), 200,
      ["message": "schema validation successful"])
    expect(try self.send("POST", "/schemas/services/validate", .json([:])), 400)
  }
}
