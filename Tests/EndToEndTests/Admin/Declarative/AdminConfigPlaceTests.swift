// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Where mistakes of a declarative configuration stand, and in which form.
@Suite struct AdminConfigPlaceTests {
  private static let shared = Result {
    try GatewayProcess(administered: nil, declarative: "_format_version: \"3.0\"\n")
  }
  private static let id = "0855b320-0dd2-547d-891d-601e9b38647f"

  private func post(_ yaml: String, _ query: String = "") throws -> AdminReply {
    try Self.shared.get().admin("POST", "/config\(query)", .yaml("_format_version: \"3.0\"\n\(yaml)\n"))
  }

  private static func twice(_ collection: String, _ key: String, _ value: String) -> JSON {
    .string("uniqueness violation: '\(collection)' entity with \(key) set to '\(value)' already declared")
  }

  static let links: [(String, JSON)] = [
    (
      "services: [{name: foo, host: h}, {name: foo, host: i}]",
      ["services": [nil, twice("services", "name", "foo")]]
    ),
    (
      "services: [{id: \(id), host: h}, {id: \(id), host: i}]",
      ["services": [nil, twice("services", "primary key", id)]]
    ),
    (
      "consumers: [{username: bob, custom_id: c}, {username: bar, custom_id: c}]",
      ["consumers": ["bar": twice("consumers", "custom_id", "c")]]
    ),
    (
      "upstreams: [{name: u, targets: [{target: 'h:1'}, {target: 'h:1'}]}]",
      ["upstreams": [["targets": [nil, .missing]]]]
    ),
    (
      "routes: [{name: r, paths: [/], service: nope}]",
      ["routes": ["r": ["invalid reference 'service: nope' (no such entry in 'services')"]]]
    ),
  ]

  @Test(arguments: links) func whatDoesNotFitTogetherHasItsPlace(yaml: String, fields: JSON) throws {
    let reply = try self.post(yaml)
    expect(reply, 400)
    #expect(reply.json["code"] == 14 && reply.json["name"] == "invalid declarative configuration")
    if yaml.contains("targets") {
      let text = reply.json["fields"]["upstreams"][0]["targets"][1].string ?? ""
      #expect(text.hasPrefix("uniqueness violation: 'targets' entity with primary key set to '"), "\(reply)")
    } else {
      #expect(reply.json["fields"] == fields, "\(reply)")
    }
  }

  @Test func entitiesAreCheckedBeforeTheirLinks() throws {
    let reply = try self.post("routes: [{paths: [x], service: nope}, {paths: [/], service: nope}]")
    #expect(
      reply.json["fields"] == [
        "routes": [["paths": ["should start with: / (fixed path) or ~/ (regex path)"]]]
      ], "\(reply)")
  }

  @Test func aReferenceInAnObjectIsByID() throws {
    let service = "services: [{id: \(Self.id), name: s, host: h}]\n"
    expect(try self.post(service + "routes: [{paths: [/], service: {id: \(Self.id)}}]"), 201)
    expect(try self.post(service + "routes: [{paths: [/], service: s}]"), 201)
    #expect(
      try self.post(service + "routes: [{paths: [/], service: {name: s}}]").json["fields"]
        == ["routes": [["service": ["id": "missing primary key"]]]])
    #expect(
      try self.post(service + "routes: [{paths: [/], service: {id: s}}]").json["fields"]
        == ["routes": [["service": ["id": "expected a valid UUID"]]]])
  }

  @Test func flattenedErrorsNameTheParent() throws {
    let reply = try self.post(
      "services: [{id: \(Self.id), name: s, host: h, tags: [t], routes: [{name: r, paths: [x], protocols: [tcp]}]}]",
      "?flatten_errors=1")
    let errors = reply.json["flattened_errors"].array
    #expect(errors.count == 1)
    let route = errors.first ?? .missing
    #expect(route["entity_type"] == "route" && route["entity_name"] == "r")
    #expect(route["entity"]["service"] == ["id": .string(Self.id)])
    #expect(route["errors"].array.contains { $0["type"] == "entity" && $0["field"] == .missing }, "\(route)")
    #expect(route["errors"].array.contains { $0["type"] == "field" && $0["field"] == "paths" }, "\(route)")
  }

  @Test func duplicatesAreErrorsOfTheEntity() throws {
    let reply = try self.post(
      "services: [{name: foo, host: h}, {id: \(Self.id), name: foo, host: i, tags: [t]}]", "?flatten_errors=1")
    let error = reply.json["flattened_errors"][0]
    #expect(error["entity_id"] == .string(Self.id) && error["entity_tags"] == ["t"])
    #expect(error["errors"] == [["type": "entity", "message": Self.twice("services", "name", "foo")]], "\(reply)")
  }

  @Test func moreThanAHundredMistakesAreNotListed() throws {
    let bad = String(repeating: "- {}\n", count: 400)
    let reply = try self.post("services:\n\(bad)")
    #expect(reply.json["fields"]["services"].array.count == 100)
  }

  @Test func theConfigurationPrintsWhatIsNull() throws {
    expect(try self.post("services: [{name: s, host: h}]"), 201)
    let text = try Self.shared.get().admin("GET", "/config").json["config"].string ?? ""
    #expect(text.contains("path: null") || text.contains("path: ~"), "\(text)")
  }
}
