// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema
import GibbonStore
import Testing

@Suite struct DeclarativeParserTests {
  private let head = "_format_version: \"3.0\"\n"

  @Test func givesTypedEntities() throws {
    let configuration = try parse(
      self.head + """
        services:
        - name: s
          url: https://a.example/x
          routes: [{name: r, paths: [/]}]
          plugins: [{name: key-auth}]
        consumers: [{username: c, keyauth_credentials: [{key: k}]}]
        upstreams: [{name: u, targets: [{target: b}]}]
        """
    ).get()
    let service = try #require(configuration.services.first)
    #expect(service.protocol == .https && service.host == "a.example" && service.port == 443 && service.path == "/x")
    #expect(configuration.routes.first?.service == service.id)
    #expect(configuration.plugins.first?.service == service.id)
    #expect(configuration.plugins.first?.config["key_names"] == ["apikey"])
    #expect(configuration.targets.first?.upstream == configuration.upstreams.first?.id)
    #expect(configuration.targets.first?.target == "b:8000")
    let credential = try #require(configuration.rows["keyauth_credentials"]?.first)
    #expect(credential["consumer"]?["id"]?.stringValue == configuration.consumers.first?.id.description)
    #expect(configuration.workspaces.map(\.id) == [Workspace.defaultID])
    #expect(configuration.formatVersion == "3.0")
    #expect(configuration.count == 8)
  }

  /// The ids in Kong 3.9.3's own integration tests of `POST /config`.
  @Test func idsAreKongs() throws {
    let configuration = try parse(
      self.head + """
        services: [{name: my-service, host: a, routes: [{name: my-route, paths: [/]}]}]
        consumers: [{username: my-user}]
        """
    ).get()
    #expect(configuration.services.first?.id.description == "0855b320-0dd2-547d-891d-601e9b38647f")
    #expect(configuration.routes.first?.id.description == "481a9539-f49c-51b6-b2e2-fe99ee68866c")
    #expect(configuration.consumers.first?.id.description == "4b1b701d-de2b-5588-9aa2-3b97061d9f52")
  }

  @Test func idsOfUnnamedEntitiesFollowTheirContent() throws {
    func routes(_ text: String) throws -> [EntityID] {
      try parse(self.head + text).get().routes.map(\.id)
    }
    let before = try routes("services: [{host: a, routes: [{paths: [/x]}, {paths: [/y]}, {paths: [/y]}]}]")
    let after = try routes("services: [{host: a, routes: [{paths: [/new]}, {paths: [/y]}, {paths: [/x]}]}]")
    #expect(Set(before).count == 3)
    #expect(after[1] == before[1] && after[2] == before[0])
    #expect(!before.contains(after[0]))
  }

  private static let key = #"{"kid":"1","kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#

  @Test func nestedAndFlatMeanTheSame() throws {
    let nested = try parse(
      self.head + """
        services: [{name: s, host: a, routes: [{name: r, paths: [/]}]}]
        consumers: [{username: c, acls: [{group: g}]}]
        key_sets: [{name: k, keys: [{kid: "1", jwk: '\(Self.key)'}]}]
        """
    ).get()
    let sID = try #require(nested.services.first).id
    let flat = try parse(
      self.head + """
        routes: [{name: r, paths: [/], service: s}]
        acls: [{group: g, consumer: \(try #require(nested.consumers.first).id)}]
        keys: [{kid: "1", jwk: '\(Self.key)', set: \(try #require(nested.keySets.first).id)}]
        services: [{name: s, host: a}]
        consumers: [{username: c}]
        key_sets: [{name: k}]
        """
    ).get()
    #expect(flat.rows == nested.rows)
    #expect(flat.routes.first?.service == sID)
  }

  @Test func yamlAndJSONMeanTheSame() throws {
    let json = #"{"_format_version":"3.0","services":[{"name":"s","host":"a","tags":["x"]}]}"#
    let yaml = self.head + "services:\n- name: s\n  host: a\n  tags:\n  - x\n"
    let fromJSON = try parse(json).get()
    let fromYAML = try parse(yaml).get()
    #expect(fromJSON.rows == fromYAML.rows)
    #expect(try parse(json, format: .yaml).get().rows == fromJSON.rows)
    #expect(fromJSON.hash != fromYAML.hash)
    #expect(try parse("{_format_version: '3.0'}").get().count == 1)
  }

  @Test func theHashIsTheMD5OfTheText() throws {
    // md5sum of the same bytes.
    #expect(try parse("_format_version: \"3.0\"\n").get().hash == "33371dd163ecae6602a88ff671d6ac9a")
  }

  @Test func theTreeHasTheShapeOfTheFile() {
    guard
      case .failure(let errors) = parse(
        self.head + """
          nonsense: 1
          services:
          - host: ok
          - {host: "a b", protocol: x, routes: [{name: r}]}
          consumers: [{}]
          """)
    else {
      Issue.record("valid")
      return
    }
    #expect(
      errors.tree.json.description == """
        {"consumers":[{"@entity":["at least one of these fields must be non-empty: 'custom_id', 'username'"]}],\
        "nonsense":"unknown field","services":[null,{"host":"invalid value: a b",\
        "protocol":"expected one of: grpc, grpcs, http, https, tcp, tls, tls_passthrough, udp","routes":[{"@entity":\
        ["must set one of 'methods', 'hosts', 'headers', 'paths', 'snis' when 'protocols' is 'https'"]}]}]}
        """)
  }

  @Test func problemsNameEntityFieldValueAndLine() throws {
    guard
      case .failure(let errors) = parse(self.head + "services:\n- name: foo\n  host: a\n  port: http\n"),
      let problem = errors.problems.first
    else {
      Issue.record("valid")
      return
    }
    #expect(errors.problems.count == 1)
    #expect(problem.collection == "services" && problem.entityName == "foo" && problem.entity == "services[0]")
    #expect(problem.field == "port" && problem.value == "http" && problem.message == "expected an integer")
    #expect(problem.position == SourceMap.Position(line: 5, column: 3))
    #expect(
      problem.rendered(file: "kong.yml") == #"kong.yml:5: services[0] "foo": port: expected an integer (got "http")"#)
  }

  @Test(arguments: [("a.json", DeclarativeParser.Format.json), ("a.yml", .yaml), ("a.yaml", .yaml), ("a.txt", nil)])
  func theFormatFollowsFromTheName(name: String, format: DeclarativeParser.Format?) {
    #expect(DeclarativeParser.Format(fileName: name) == format)
  }

  @Test func limitsTheSize() {
    let parser = DeclarativeParser(registry: registry, validator: Validator(now: 0), sizeLimit: 10)
    guard case .failure(let errors) = parser.parse(Array(self.head.utf8)) else {
      Issue.record("valid")
      return
    }
    #expect(errors.description == "declarative config: larger than 10 bytes")
  }

  @Test func anEmptyFileIsNoConfiguration() {
    for text in ["", "   \n", "# nothing\n", "null", "[]", "x"] {
      guard case .failure(let errors) = parse(text) else {
        Issue.record("valid: \(text)")
        continue
      }
      #expect(errors.problems.count == 1)
    }
  }
}
