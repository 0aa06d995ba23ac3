// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema
import Synchronization
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// Whom acl lets in, by the groups of the consumer or those another plugin found.
@Suite struct ACLTests {
  private static let ann = Consumer(username: "ann")
  private static let credential = Credential(id: .random(), consumer: ann, fields: [:])

  /// Where `ann` is in some groups, and nobody else in any.
  private final class Directory: CredentialDirectory, ConsumerEntityIndex {
    private let groups: ConsumerEntities
    let isPending: Bool

    init(_ groups: [String], isPending: Bool = false) {
      self.groups = ConsumerEntities(groups.map { ["group": .string($0)] })
      self.isPending = isPending
    }

    func index(of entity: String) -> any CredentialIndex { FakeDirectory().index(of: entity) }
    func consumer(idOrUsername: String) -> Consumer? { nil }
    func entities(of collection: String) -> any ConsumerEntityIndex {
      collection == "acls" ? self : NoConsumerEntities()
    }

    func find(_ consumer: EntityID) -> ConsumerEntityLookup {
      if self.isPending { return .pending { _ in } }
      return .found(consumer == ann.id ? self.groups : .none)
    }
  }

  private static func plugin(_ config: JSONValue, _ directory: Directory) throws -> ACLPlugin {
    try ACLPlugin(
      configuration: configured(ACLPlugin.self, config),
      environment: PluginEnvironment(
        plugin: PluginEntity(name: "acl", config: config), nodeID: .random(), directory: directory))
  }

  /// Who sends the request.
  enum Sender: Sendable {
    case nobody
    /// A consumer with a credential.
    case known
    /// The consumer that stands for those without one.
    case anonymous
    /// A credential without a consumer.
    case credentialOnly
  }

  private static func request(_ sender: Sender, authenticated: [String]? = nil) throws -> FakeRequest {
    let request = try FakeRequest(headers: [("X-Consumer-Groups", "root"), ("X-Authenticated-Groups", "root")])
    switch sender {
    case .nobody: break
    case .known: (request.consumer, request.credential) = (Self.ann, Self.credential)
    case .anonymous: request.consumer = Self.ann
    case .credentialOnly: request.credential = Self.credential
    }
    if let authenticated { request.context.shared["authenticated_groups"] = authenticated }
    return request
  }

  private static let forbidden = "403 You cannot consume this service"
  private static let unauthorized = "401 Unauthorized"

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var config: JSONValue
    var sender = Sender.known
    var groups: [String] = []
    var authenticated: [String]?
    var expected = "next"
    /// What the service is told.
    var told: [String] = []
    var toldAuthenticated: [String] = []
  }

  private static let allow: JSONValue = ["allow": ["admin", "staff"]]
  private static let deny: JSONValue = ["deny": ["banned", "guests"]]

  static let cases: [Case] = [
    Case(testDescription: "an allowed group", config: allow, groups: ["staff"], told: ["staff"]),
    Case(
      testDescription: "one of several groups", config: allow, groups: ["x", "admin", "y"], told: ["x, admin, y"]),
    Case(testDescription: "another group", config: allow, groups: ["x"], expected: forbidden),
    Case(testDescription: "groups have a case", config: allow, groups: ["Admin"], expected: forbidden),
    Case(testDescription: "a part of a name", config: allow, groups: ["admins", "admi"], expected: forbidden),
    Case(testDescription: "no group", config: allow, expected: forbidden),
    Case(testDescription: "no group, anonymous", config: allow, sender: .anonymous, expected: unauthorized),
    Case(
      testDescription: "an anonymous one's group", config: allow, sender: .anonymous, groups: ["x"], expected: forbidden
    ),
    Case(
      testDescription: "an anonymous one allowed", config: allow, sender: .anonymous, groups: ["admin"], told: ["admin"]
    ),
    Case(testDescription: "nobody", config: allow, sender: .nobody, expected: unauthorized),
    Case(testDescription: "a credential alone", config: allow, sender: .credentialOnly, expected: forbidden),
    Case(testDescription: "not denied", config: deny, groups: ["x", "y"], told: ["x, y"]),
    Case(testDescription: "denied", config: deny, groups: ["x", "banned"], expected: forbidden),
    Case(testDescription: "not denied without groups", config: deny, told: [""]),
    Case(testDescription: "not denied, anonymous", config: deny, sender: .anonymous, told: [""]),
    Case(testDescription: "nobody to deny", config: deny, sender: .nobody, expected: unauthorized),
    Case(testDescription: "a credential to deny", config: deny, sender: .credentialOnly, expected: forbidden),
    Case(
      testDescription: "found groups of nobody", config: allow, sender: .nobody, authenticated: ["x", "admin"],
      toldAuthenticated: ["x, admin"]),
    Case(
      testDescription: "found groups of a credential", config: allow, sender: .credentialOnly,
      authenticated: ["staff"], toldAuthenticated: ["staff"]),
    Case(
      testDescription: "other groups found", config: allow, sender: .nobody, authenticated: ["x"], expected: forbidden),
    Case(
      testDescription: "no groups found", config: allow, sender: .nobody, authenticated: [], expected: forbidden),
    Case(
      testDescription: "found groups before those of anonymous", config: allow, sender: .anonymous, groups: ["x"],
      authenticated: ["admin"], toldAuthenticated: ["admin"]),
    Case(
      testDescription: "a consumer's groups before those found", config: allow, groups: ["x"],
      authenticated: ["admin"], expected: forbidden),
    Case(
      testDescription: "found groups always", config: ["allow": ["admin"], "always_use_authenticated_groups": true],
      groups: ["x"], authenticated: ["admin"], toldAuthenticated: ["admin"]),
    Case(
      testDescription: "always, and none found", config: ["allow": ["x"], "always_use_authenticated_groups": true],
      groups: ["x"], told: ["x"]),
    Case(
      testDescription: "found and denied", config: deny, sender: .nobody, authenticated: ["banned"], expected: forbidden
    ),
    // As in Kong, the service is then told nothing.
    Case(testDescription: "found and not denied", config: deny, sender: .nobody, authenticated: ["x"]),
    Case(
      testDescription: "hidden groups", config: ["allow": ["admin"], "hide_groups_header": true], groups: ["admin"]),
    Case(
      testDescription: "hidden found groups", config: ["allow": ["admin"], "hide_groups_header": true], sender: .nobody,
      authenticated: ["admin"]),
    Case(testDescription: "hidden, denying", config: ["deny": ["x"], "hide_groups_header": true]),
    Case(
      testDescription: "bytes count, not looks", config: ["allow": ["caf\u{E9}"]], groups: ["cafe\u{301}"],
      expected: forbidden),
  ]

  @Test(arguments: cases) func groupsDecide(example: Case) throws {
    let plugin = try Self.plugin(example.config, Directory(example.groups))
    // Twice: the second time, what the groups are is known.
    for _ in 0..<2 {
      let request = try Self.request(example.sender, authenticated: example.authenticated)
      #expect(words(try plugin.access(request.context)) == example.expected)
      guard example.expected == "next" else { continue }
      #expect(request.upstreamHeader("X-Consumer-Groups") == example.told)
      #expect(request.upstreamHeader("X-Authenticated-Groups") == example.toldAuthenticated)
    }
  }

  @Test func refusalsHaveNoChallenge() throws {
    let request = try Self.request(.nobody)
    guard case .respond(let response) = try Self.plugin(Self.allow, Directory([])).access(request.context) else {
      Issue.record("not refused")
      return
    }
    #expect(response.headers.isEmpty)
    withExtendedLifetime(request) {}
  }

  @Test func groupsThatMustBeReadFirstSuspend() throws {
    let plugin = try Self.plugin(Self.allow, Directory([], isPending: true))
    let request = try Self.request(.known)
    #expect(words(try plugin.access(request.context)) == "suspend")
    #expect(request.suspensions == 1)
    // Without a consumer there is nothing to read.
    let nobody = try Self.request(.nobody)
    #expect(words(try plugin.access(nobody.context)) == Self.unauthorized)
    #expect(nobody.suspensions == 0)
  }

  @Test func namesCannotMakeASecondHeader() throws {
    let plugin = try Self.plugin(["deny": ["x"]], Directory(["a\r\nX-Admin: 1"]))
    let request = try Self.request(.known)
    #expect(words(try plugin.access(request.context)) == "next")
    var written = ByteBuffer()
    request.upstreamEdits.write(to: &written)
    #expect(written.string == "X-Consumer-Groups: a%0D%0AX-Admin: 1\r\n")
  }

  // MARK: Configuration

  private static let exactly = "exactly one of these fields must be non-empty: 'config.allow', 'config.deny'"
  private static let least = "at least one of these fields must be non-empty: 'config.allow', 'config.deny'"

  @Test func oneListIsNeeded() {
    #expect(
      outcome("acl", ["allow": ["a"]])
        == #"{"allow":["a"],"deny":null,"hide_groups_header":false,"always_use_authenticated_groups":false}"#)
    #expect(outcome("acl", ["deny": ["a", "b"]]).contains(#""deny":["a","b"]"#))
    for config: JSONValue in [[:], ["allow": []], ["allow": .null, "deny": []]] {
      #expect(outcome("acl", config) == "2 schema violations (\(Self.exactly); \(Self.least))")
    }
    #expect(outcome("acl", ["allow": ["a"], "deny": ["b"]]) == "schema violation (\(Self.exactly))")
    #expect(outcome("acl", ["allow": "a"]).contains("config.allow: expected an array"))
    #expect(outcome("acl", ["allow": [1]]).contains("expected a string"))
    #expect(outcome("acl", ["allow": [""]]).contains("length must be at least 1"))
    #expect(
      outcome("acl", ["allow": ["a"]], ["consumer": ["id": "00000000-0000-4000-8000-000000000001"]])
        == "schema violation (consumer: value must be null)")
  }

  @Test func theTableIsWhatTheSchemaDemands() throws {
    let schema = try #require(ACLPlugin.descriptor.schema.entities.first)
    let steps = ACLPlugin.descriptor.schema.migrations.flatMap(\.steps)
    #expect(steps == [.createTable(TableLayout(schema))])
    #expect(ACLPlugin.descriptor.schema.migrations.map(\.name) == ["000_base_acl"])
    #expect(schema.endpointKey == nil && schema.nestedKey == "group")
  }
}
