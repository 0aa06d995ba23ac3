// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `/config` of a gateway without a database: what is refused, and that it changes nothing (the notes, 13).
@Suite struct AdminConfigErrorTests {
  private static let kept = """
    _format_version: "3.0"
    services:
    - name: kept
      host: h

    """
  private static let shared = Result { try GatewayProcess(administered: nil, declarative: Self.kept) }

  private func post(_ body: AdminBody, _ query: String = "") throws -> AdminReply {
    try Self.shared.get().admin("POST", "/config\(query)", body)
  }

  private static func invalid(_ message: String, _ fields: JSON) -> JSON {
    [
      "code": 14, "name": "invalid declarative configuration",
      "message": .string("declarative config is invalid: \(message)"), "fields": fields,
    ]
  }

  @Test func noDocumentIsRefused() throws {
    let message: JSON = ["message": "expected a declarative configuration"]
    expect(try self.post(.none), 400, message)
    expect(try self.post(.json([:])), 400, message)
    expect(try self.post(.text("x", type: "text/plain")), 415)
    expect(try self.post(.json(text: "{")), 400, ["message": "Cannot parse JSON body"])
  }

  @Test(arguments: ["just text", "- a\n- b\n", "a: [", "7"]) func whatIsNoObjectIsRefused(text: String) throws {
    let reply = try self.post(.yaml(text))
    expect(reply, 400)
    #expect(reply.json["code"] == 14)
    #expect(reply.json["fields"]["error"].string?.hasPrefix("failed parsing declarative configuration") == true)
  }

  static let documents: [(String, String, JSON)] = [
    (
      "services: [{port: -12}]",
      #"{services={{host="required field missing",port="value should be between 0 and 65535"}}}"#,
      ["services": [["host": "required field missing", "port": "value should be between 0 and 65535"]]]
    ),
    (
      "services: [{host: h}, {host: h, port: x}]",
      #"{services={[2]={port="expected an integer"}}}"#, ["services": [nil, ["port": "expected an integer"]]]
    ),
    (
      "services: [{host: h, routes: [{paths: [/], methods: [GET, get]}]}]",
      #"{services={{routes={{methods={[2]="invalid value: get"}}}}}}"#,
      ["services": [["routes": [["methods": [nil, "invalid value: get"]]]]]]
    ),
    ("servises: []", #"{servises="unknown field"}"#, ["servises": "unknown field"]),
  ]

  static let conflicts: [(String, String)] = [
    (
      "services: [{name: a, host: h}, {name: a, host: h}]",
      "uniqueness violation: 'services' entity with name set to 'a' already declared"
    ),
    (
      "consumers: [{username: a, custom_id: x}, {username: b, custom_id: x}]",
      "uniqueness violation: 'consumers' entity with custom_id set to 'x' already declared"
    ),
    (
      "routes: [{name: r, paths: [/], service: nope}]",
      "invalid reference 'service: nope' (no such entry in 'services')"
    ),
  ]

  @Test(arguments: Self.conflicts) func entitiesMustFitTogether(yaml: String, message: String) throws {
    let reply = try self.post(.yaml("_format_version: \"3.0\"\n\(yaml)\n"))
    expect(reply, 400)
    #expect(reply.json["code"] == 14)
    #expect(reply.json["message"].string?.contains(message) == true, "\(reply)")
  }

  @Test(arguments: Self.documents) func everyMistakeIsNamed(yaml: String, message: String, fields: JSON) throws {
    expect(try self.post(.yaml("_format_version: \"3.0\"\n\(yaml)\n")), 400, Self.invalid(message, fields))
  }

  @Test func theVersionIsNeeded() throws {
    let missing = Self.invalid(
      #"{_format_version="required field missing"}"#, ["_format_version": "required field missing"])
    expect(try self.post(.yaml("services: []\n")), 400, missing)
    expect(try self.post(.json(["services": []])), 400, missing)
    expect(
      try self.post(.json(["_format_version": "9.9"])), 400,
      Self.invalid(
        #"{_format_version="expected one of: 1.1, 2.1, 3.0"}"#,
        ["_format_version": "expected one of: 1.1, 2.1, 3.0"]))
  }

  @Test(arguments: ["1", "true", "on", "yes"]) func mistakesAreListedByEntity(flag: String) throws {
    let document: JSON = [
      "_format_version": "3.0",
      "services": [
        ["name": "bad", "host": "h", "port": 70_000, "tags": ["k8s-name:x"], "routes": [["paths": ["x"]]]],
        ["name": "good", "host": "h"],
      ],
      "consumers": [["username": "u", "nope": 1]],
    ]
    let reply = try self.post(.json(document), "?flatten_errors=\(flag)")
    expect(reply, 400)
    #expect(reply.json["code"] == 14 && reply.json["fields"] == [:])
    #expect(reply.json["message"] == "declarative config is invalid: {}")
    let errors = reply.json["flattened_errors"].array
    #expect(errors.count == 3)
    let service = errors.first { $0["entity_type"] == "service" } ?? .missing
    #expect(service["entity_name"] == "bad" && service["entity_tags"] == ["k8s-name:x"])
    #expect(service["entity"] == ["name": "bad", "host": "h", "port": 70_000, "tags": ["k8s-name:x"]])
    #expect(
      service["errors"] == [
        ["type": "field", "field": "port", "message": "value should be between 0 and 65535"]
      ])
    let route = errors.first { $0["entity_type"] == "route" } ?? .missing
    #expect(route["errors"][0]["field"] == "paths.1" && route["entity_name"] == .missing)
    let consumer = errors.first { $0["entity_type"] == "consumer" } ?? .missing
    #expect(consumer["errors"] == [["type": "field", "field": "nope", "message": "unknown field"]])
  }

  @Test func whatIsNoEntitysMistakeIsNotFlattened() throws {
    let reply = try self.post(.json(["_format_version": "3.0", "nope": 1]), "?flatten_errors=1")
    expect(reply, 400)
    #expect(reply.json["fields"] == ["nope": "unknown field"])
    #expect(reply.json["flattened_errors"] == [])
    let plain = try self.post(.json(["_format_version": "3.0", "nope": 1]))
    #expect(plain.json["flattened_errors"] == .missing)
  }

  @Test func aRefusedDocumentChangesNothing() throws {
    let gateway = try Self.shared.get()
    let before = try gateway.admin("GET", "/services").text
    expect(try self.post(.yaml("_format_version: \"3.0\"\nservices: [{name: new, host: h}, {}]\n")), 400)
    #expect(try gateway.admin("GET", "/services").text == before)
    expect(try gateway.admin("GET", "/services/new"), 404, AdminError.notFound)
  }
}
