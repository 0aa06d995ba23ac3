// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `/services` (facts: entities.md 2, admin-api.md 2).
@Suite struct AdminServiceTests {
  private typealias Admin = AdminGateway

  @Test func aNewServiceHasEveryFieldAndItsDefaults() throws {
    let reply = try Admin.send("POST", "/services", .json(["name": "defaults", "host": "example.com"]))
    expect(reply, 201)
    let entity = reply.json
    #expect(reply["Content-Type"] == "application/json; charset=utf-8")
    #expect(
      entity.without("id", "created_at", "updated_at") == [
        "name": "defaults", "host": "example.com", "port": 80, "protocol": "http", "path": nil, "retries": 5,
        "connect_timeout": 60_000, "write_timeout": 60_000, "read_timeout": 60_000, "tags": nil,
        "client_certificate": nil, "tls_verify": nil, "tls_verify_depth": nil, "ca_certificates": nil,
        "enabled": true,
      ])
    #expect(entity["id"].string?.utf8.count == 36)
    #expect(entity["created_at"].integer != nil)
    #expect(entity["updated_at"].integer != nil)
    expect(try Admin.send("GET", "/services/defaults"), 200, entity)
    expect(try Admin.send("GET", "/services/\(reply.id)"), 200, entity)
    expect(try Admin.send("GET", "/services/\(reply.id.uppercased())"), 200, entity)
    #expect(try Admin.send("GET", "/services").data.contains(entity))
  }

  static let urls: [(String, JSON)] = [
    ("http://a.test:8080/base", ["protocol": "http", "host": "a.test", "port": 8080, "path": "/base"]),
    ("https://a.test", ["protocol": "https", "host": "a.test", "port": 443, "path": nil]),
    ("tcp://a.test:9", ["protocol": "tcp", "host": "a.test", "port": 9, "path": nil]),
    ("grpc://a.test", ["protocol": "grpc", "host": "a.test", "port": 80, "path": nil]),
    ("http://a.test/p?q=1", ["protocol": "http", "host": "a.test", "port": 80, "path": "/p"]),
  ]

  @Test(arguments: Self.urls) func urlIsShorthandForFourFields(url: String, fields: JSON) throws {
    let reply = try Admin.send(
      "POST", "/services", .json(["url": .string(url), "host": "other", "port": 1, "path": "/other"]))
    expect(reply, 201)
    for (name, value) in fields.object { #expect(reply.json[name] == value) }
    #expect(reply.json["url"] == .missing)
  }

  static let badURLs: [(JSON, String, JSON)] = [
    (
      "invalid url", "2 schema violations (host: required field missing; path: should start with: /)",
      ["host": "required field missing", "path": "should start with: /"]
    ),
    (
      "ftp://a.test",
      "schema violation (protocol: expected one of: grpc, grpcs, http, https, tcp, tls, tls_passthrough, udp)",
      ["protocol": "expected one of: grpc, grpcs, http, https, tcp, tls, tls_passthrough, udp"]
    ),
    (
      "tcp://a.test:9/path",
      "2 schema violations (failed conditional validation given value of field 'protocol'; path: value must be null)",
      ["@entity": ["failed conditional validation given value of field 'protocol'"], "path": "value must be null"]
    ),
    ("http://a.test:port", "schema violation (port: expected an integer)", ["port": "expected an integer"]),
  ]

  @Test(arguments: Self.badURLs) func badURLIsRefused(url: JSON, message: String, fields: JSON) throws {
    expect(try Admin.send("POST", "/services", .json(["url": url])), 400, AdminError.violation(message, fields))
  }

  @Test(arguments: [("", "length must be at least 1"), (7, "expected a string")] as [(JSON, String)])
  func urlMustBeAText(url: JSON, message: String) throws {
    let reply = try Admin.send("POST", "/services", .json(["url": url]))
    expect(reply, 400)
    #expect(reply.json["fields"]["url"].string == message)
  }

  static let violations: [(JSON, String, JSON)] = [
    ([:], "schema violation (host: required field missing)", ["host": "required field missing"]),
    (
      ["host": "h", "port": "80"], "schema violation (port: expected an integer)", ["port": "expected an integer"]
    ),
    (
      ["host": "h", "port": 65_536], "schema violation (port: value should be between 0 and 65535)",
      ["port": "value should be between 0 and 65535"]
    ),
    (["host": "h", "nope": 1], "schema violation (nope: unknown field)", ["nope": "unknown field"]),
    (["host": "h", "nope": nil], "schema violation (nope: unknown field)", ["nope": "unknown field"]),
    (
      ["host": "a b", "port": -1, "retries": 40_000],
      """
      3 schema violations (host: invalid value: a b; port: value should be between 0 and 65535; \
      retries: value should be between 0 and 32767)
      """,
      [
        "host": "invalid value: a b", "port": "value should be between 0 and 65535",
        "retries": "value should be between 0 and 32767",
      ]
    ),
    (
      ["host": "h", "name": "a b"],
      """
      schema violation (name: invalid value 'a b': the only accepted ascii characters are alphanumerics or \
      ., -, _, and ~)
      """,
      ["name": "invalid value 'a b': the only accepted ascii characters are alphanumerics or ., -, _, and ~"]
    ),
    (["host": "h", "tags": "x"], "schema violation (tags: expected a set)", ["tags": "expected a set"]),
    (
      ["host": "h", "tags": ["ok", "a,b"]],
      "schema violation (tags.2: invalid tag 'a,b': expected printable ascii (except `,` and `/`) or valid utf-8 "
        + "sequences)",
      ["tags": [nil, "invalid tag 'a,b': expected printable ascii (except `,` and `/`) or valid utf-8 sequences"]]
    ),
    (["host": "h", "ttl": 5], "schema violation (ttl: unknown field)", ["ttl": "unknown field"]),
  ]

  @Test(arguments: Self.violations) func whatTheSchemaForbidsIsRefused(
    entity: JSON, message: String, fields: JSON
  ) throws {
    expect(try Admin.send("POST", "/services", .json(entity)), 400, AdminError.violation(message, fields))
  }

  @Test func nameAndIDAreUnique() throws {
    let id = try Admin.make("/services", ["name": "unique-service", "host": "h"])
    expect(
      try Admin.send("POST", "/services", .json(["name": "unique-service", "host": "h"])), 409,
      AdminError.duplicate("name", of: "unique-service"))
    expect(
      try Admin.send("POST", "/services", .json(["id": .string(id), "host": "h"])), 400,
      [
        "code": 3, "name": "primary key violation", "message": "primary key violation on key '{id=\"\(id)\"}'",
        "fields": ["id": .string(id)],
      ])
  }

  @Test func aServiceWithRoutesIsNotDeleted() throws {
    let id = try Admin.make("/services", ["name": "in-use", "host": "h"])
    let route = try Admin.make("/services/in-use/routes", ["paths": ["/in-use"]])
    expect(try Admin.send("DELETE", "/services/in-use"), 400, AdminError.referenced(by: "routes", "services"))
    expect(try Admin.send("DELETE", "/routes/\(route)"), 204)
    expect(try Admin.send("DELETE", "/services/in-use"), 204)
    expect(try Admin.send("GET", "/services/\(id)"), 404, AdminError.notFound)
  }

  @Test func deletingTwiceIsDeleting() throws {
    try Admin.make("/services", ["name": "short-lived", "host": "h"])
    for target in ["/services/short-lived", "/services/short-lived", "/services/\(Unknown.id)"] {
      let reply = try Admin.send("DELETE", target)
      expect(reply, 204)
      #expect(reply.text.isEmpty && reply["Content-Type"] == nil)
    }
  }

  @Test func whatCannotBeANameIsRefused() throws {
    for method in ["GET", "PATCH", "PUT", "DELETE"] {
      let body: AdminBody = method == "PATCH" || method == "PUT" ? .json(["host": "h"]) : .none
      expect(
        try Admin.send(method, "/services/a%20b", body), 400,
        [
          "code": 10, "name": "invalid unique name",
          "message": "invalid value 'a b': the only accepted ascii characters are alphanumerics or ., -, _, and ~",
        ])
    }
  }

  @Test func clientCertificateMustExistAndFitTheProtocol() throws {
    let unknown: JSON = ["id": .string(Unknown.id)]
    expect(
      try Admin.send("POST", "/services", .json(["url": "https://h", "client_certificate": unknown])), 400,
      AdminError.unknownReference("client_certificate", Unknown.id, "certificates"))
    let reply = try Admin.send("POST", "/services", .json(["url": "http://h", "client_certificate": unknown]))
    expect(reply, 400)
    #expect(reply.json["fields"]["client_certificate"] == "value must be null")
  }
}
