// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `/routes` (facts: entities.md 2).
@Suite struct AdminRouteTests {
  private typealias Admin = AdminGateway

  @Test func aNewRouteHasEveryFieldAndItsDefaults() throws {
    let service = try Admin.make("/services", ["host": "h"])
    let reply = try Admin.send(
      "POST", "/routes",
      .json(["name": "route-defaults", "paths": ["/route-defaults"], "service": ["id": .string(service)]]))
    expect(reply, 201)
    #expect(
      reply.json.without("id", "created_at", "updated_at") == [
        "name": "route-defaults", "protocols": ["http", "https"], "https_redirect_status_code": 426,
        "strip_path": true, "preserve_host": false, "request_buffering": true, "response_buffering": true,
        "tags": nil, "service": ["id": .string(service)], "snis": nil, "sources": nil, "destinations": nil,
        "methods": nil, "hosts": nil, "paths": ["/route-defaults"], "headers": nil, "regex_priority": 0,
        "path_handling": "v0",
      ])
    expect(try Admin.send("GET", "/routes/route-defaults"), 200, reply.json)
    expect(try Admin.send("GET", "/routes/no-such-route"), 404, AdminError.notFound)
  }

  static let violations: [(JSON, String, JSON)] = [
    (
      [:],
      """
      schema violation (must set one of 'methods', 'hosts', 'headers', 'paths', 'snis' when 'protocols' is 'https')
      """,
      ["@entity": ["must set one of 'methods', 'hosts', 'headers', 'paths', 'snis' when 'protocols' is 'https'"]]
    ),
    (
      ["paths": ["no-slash"]],
      "schema violation (paths.1: should start with: / (fixed path) or ~/ (regex path))",
      ["paths": ["should start with: / (fixed path) or ~/ (regex path)"]]
    ),
    (["hosts": "one.test"], "schema violation (hosts: expected an array)", ["hosts": "expected an array"]),
    (["methods": "GET"], "schema violation (methods: expected a set)", ["methods": "expected a set"]),
    (
      ["methods": ["GET", "get"]], "schema violation (methods.2: invalid value: get)",
      ["methods": [nil, "invalid value: get"]]
    ),
    (
      ["paths": ["/"], "strip_path": "yes"], "schema violation (strip_path: expected a boolean)",
      ["strip_path": "expected a boolean"]
    ),
    (
      ["paths": ["/"], "protocols": ["http", "tcp"]],
      """
      schema violation (protocols: these sets are mutually exclusive: ('http', 'https'), ('tcp', 'tls', 'udp'))
      """,
      ["protocols": "these sets are mutually exclusive: ('http', 'https'), ('tcp', 'tls', 'udp')"]
    ),
    (
      ["protocols": ["tcp"], "sources": [["port": 70_000]]],
      "schema violation (sources.1: {\n  port = \"value should be between 0 and 65535\"\n})",
      ["sources": [["port": "value should be between 0 and 65535"]]]
    ),
    (
      ["paths": ["/"], "headers": ["host": ["a.test"]]],
      "schema violation (headers: cannot contain 'host' header, which must be specified in the 'hosts' attribute)",
      ["headers": "cannot contain 'host' header, which must be specified in the 'hosts' attribute"]
    ),
  ]

  @Test(arguments: Self.violations) func whatTheSchemaForbidsIsRefused(
    entity: JSON, message: String, fields: JSON
  ) throws {
    expect(try Admin.send("POST", "/routes", .json(entity)), 400, AdminError.violation(message, fields))
  }

  @Test func aPathThatDoesNotCompileIsRefused() throws {
    let reply = try Admin.send("POST", "/routes", .json(["paths": ["/ok", "~/("]]))
    expect(reply, 400)
    let fault = reply.json["fields"]["paths"][1].string ?? ""
    #expect(fault.hasPrefix("invalid regex: '/(' (PCRE returned: "))
    #expect(reply.json["message"] == "schema violation (paths.2: \(fault))")
  }

  static let badReferences: [(JSON, JSON)] = [
    (["id": .string(Unknown.id)], AdminError.unknownReference("service", Unknown.id, "services")),
    (["name": "ghost"], AdminError.unresolved("service", "name", "ghost", "services")),
    (
      ["id": "zz"],
      AdminError.violation(
        "schema violation (service.id: expected a valid UUID)", ["service": ["id": "expected a valid UUID"]])
    ),
    (
      [:],
      AdminError.violation(
        "schema violation (service.id: missing primary key)", ["service": ["id": "missing primary key"]])
    ),
    (
      "text",
      AdminError.violation(
        "schema violation (service.id: missing primary key)", ["service": ["id": "missing primary key"]])
    ),
  ]

  @Test(arguments: Self.badReferences) func badReferenceIsRefused(service: JSON, body: JSON) throws {
    expect(try Admin.send("POST", "/routes", .json(["paths": ["/ref"], "service": service])), 400, body)
  }

  @Test func aServiceMayBeReferredToByName() throws {
    let id = try Admin.make("/services", ["name": "by-name", "host": "h"])
    for reference: JSON in [["name": "by-name"], ["id": .string(id)], ["id": .string(id), "name": "ignored"]] {
      let reply = try Admin.send("POST", "/routes", .json(["paths": ["/by-name"], "service": reference]))
      expect(reply, 201)
      #expect(reply.json["service"] == ["id": .string(id)])
    }
  }

  @Test func anUnresolvedNameGoesBeforeOtherFaults() throws {
    expect(
      try Admin.send("POST", "/routes", .json(["paths": "x", "service": ["name": "ghost"]])), 400,
      AdminError.unresolved("service", "name", "ghost", "services"))
  }

  @Test func repeatedElementsOfASetAreOne() throws {
    let reply = try Admin.send("POST", "/routes", .json(["paths": ["/a", "/a"], "methods": ["GET", "PUT", "GET"]]))
    expect(reply, 201)
    #expect(reply.json["methods"] == ["GET", "PUT"])
    #expect(reply.json["paths"] == ["/a", "/a"])
  }

  @Test func nameIsUnique() throws {
    try Admin.make("/routes", ["name": "unique-route", "paths": ["/unique-route"]])
    expect(
      try Admin.send("POST", "/routes", .json(["name": "unique-route", "paths": ["/"]])), 409,
      AdminError.duplicate("name", of: "unique-route"))
  }

  @Test func grpcRoutesKeepTheirPath() throws {
    let route: JSON = ["name": "grpc-route", "protocols": ["grpc"], "paths": ["/grpc"]]
    let reply = try Admin.send("POST", "/routes", .json(route))
    expect(reply, 201)
    #expect(reply.json["strip_path"] == false)
    expect(try Admin.send("POST", "/routes", .json(route.with(["name": "g2", "strip_path": true]))), 400)
  }
}
