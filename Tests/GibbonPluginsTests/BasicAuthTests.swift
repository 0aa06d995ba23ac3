// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// Whose name and password basic-auth takes, from where, and what it says otherwise.
@Suite struct BasicAuthTests {
  private static let bob = Consumer(username: "bob", customID: "b-1")
  private static let names = [
    "bob": "kong", "user321": "password:123", "spacy": " kong ", "länge": "wörter", "kept": "not a hash",
  ]

  /// Credentials by name; `kept` has a password that nobody hashed.
  private final class Directory: CredentialDirectory, CredentialIndex {
    let isPending: Bool

    init(isPending: Bool = false) { self.isPending = isPending }

    func index(of entity: String) -> any CredentialIndex {
      entity == "basicauth_credentials" ? self : FakeDirectory().index(of: "")
    }

    func find(_ key: Span<UInt8>) -> CredentialLookup {
      if self.isPending { return .pending { _ in } }
      let name = key.text
      guard let password = names[name] else { return .missing }
      let id = bob.id.description
      let hash = name == "kept" ? password : PasswordHash(password, consumer: id).text
      return .found(
        Credential(
          id: .random(), consumer: bob,
          fields: ["username": .string(name), "password": .string(hash), "consumer": ["id": .string(id)]],
          identifier: name))
    }

    func consumer(idOrUsername: String) -> Consumer? {
      idOrUsername == "nobody" ? Consumer(username: "nobody") : nil
    }
  }

  private static func plugin(_ config: JSONValue = [:], isPending: Bool = false) throws -> BasicAuthPlugin {
    try BasicAuthPlugin(
      configuration: configured(BasicAuthPlugin.self, config),
      environment: PluginEnvironment(
        plugin: PluginEntity(name: "basic-auth", config: config), nodeID: .random(),
        directory: Directory(isPending: isPending)))
  }

  private static func decide(_ config: JSONValue, _ request: FakeRequest) throws -> String {
    words(try self.plugin(config).access(request.context))
  }

  private static let refused = "401 Unauthorized"

  // MARK: Headers

  static let accepted = [
    "Basic Ym9iOmtvbmc=", "basic Ym9iOmtvbmc=", "Basic    Ym9iOmtvbmc=", "BasicYm9iOmtvbmc=",
    "Basic Ym9iOmtvbmc", "Basic Ym9iOmtvbmc==", "Basic Ym9iOmtvbmc= and more", "my Basic Ym9iOmtvbmc=",
    // ":bob:kong", "bob:kong" and a line more, "user321:password:123", "spacy: kong ", "länge:wörter".
    "Basic OmJvYjprb25n", "Basic Ym9iOmtvbmcKbW9yZQ==", "Basic dXNlcjMyMTpwYXNzd29yZDoxMjM=",
    "Basic c3BhY3k6IGtvbmcg", "Basic bMOkbmdlOnfDtnJ0ZXI=",
  ]

  @Test(arguments: Self.accepted) func aNameWithItsPasswordIsLetIn(value: String) throws {
    for name in ["Authorization", "Proxy-Authorization"] {
      let request = try FakeRequest(headers: [(name, value)])
      #expect(try Self.decide([:], request) == "next", "\(name)")
      #expect(request.consumer?.id == Self.bob.id)
    }
  }

  static let wrong = [
    "", "Basic", "Basic ", "foobar", "Bearer Ym9iOmtvbmc=", "BASIC Ym9iOmtvbmc=", "Ym9iOmtvbmc=", "Basic =",
    // No base64: a blank, a sign of the other alphabet, an end within a byte.
    "Basic Ym9i OmtvbmcK", "Basic Ym9i-mtvbmc=", "Basic Ym9iOmtvb", "Basic ????",
    // "kong", "bob", "bob:", ":kong", ":", "bob:KONG", "bob:kong ", "jim:kong", bytes that are no text.
    "Basic a29uZw==", "Basic Ym9i", "Basic Ym9iOg==", "Basic OmtvbmcK", "Basic Og==", "Basic Ym9iOktPTkc=",
    "Basic Ym9iOmtvbmcg", "Basic amltOmtvbmc=", "Basic //46a29uZw==", "Basic adXNlcjEyMzpwYXNzd29yZDEyMw==",
    // "kept:not a hash": what is kept is no hash, so that no password fits.
    "Basic a2VwdDpub3QgYSBoYXNo",
  ]

  @Test(arguments: Self.wrong) func anythingElseIsRefused(value: String) throws {
    for name in ["Authorization", "Proxy-Authorization"] {
      let request = try FakeRequest(headers: [(name, value)])
      #expect(try Self.decide([:], request) == Self.refused, "\(name)")
      #expect(request.consumer == nil)
    }
  }

  @Test func aLongHeaderIsReadToItsEnd() throws {
    let code = String(repeating: "Qk9C", count: 1900)
    #expect(try Self.decide([:], try FakeRequest(headers: [("Authorization", "Basic " + code)])) == Self.refused)
    let words = String(repeating: "bas ", count: 1900)
    #expect(try Self.decide([:], try FakeRequest(headers: [("Authorization", words)])) == Self.refused)
  }

  @Test func theProxysHeaderComesFirst() throws {
    let good = "Basic Ym9iOmtvbmc="
    func outcome(_ proxy: String, _ own: String) throws -> String {
      try Self.decide([:], FakeRequest(headers: [("Authorization", own), ("Proxy-Authorization", proxy)]))
    }
    #expect(try outcome(good, "foobar") == "next")
    #expect(try outcome("foobar", good) == "next")
    // Nobody by that name: the other header counts. A wrong password ends it.
    #expect(try outcome("Basic amltOmtvbmc=", good) == "next")
    #expect(try outcome("Basic Ym9iOktPTkc=", good) == Self.refused)
  }

  /// The service may read another of them than the gateway.
  @Test func severalHeadersNameNobody() throws {
    let good = ("Authorization", "Basic Ym9iOmtvbmc=")
    #expect(try Self.decide([:], FakeRequest(headers: [good, ("Authorization", "x")])) == Self.refused)
    #expect(try Self.decide([:], FakeRequest(headers: [good, good])) == Self.refused)
    #expect(try Self.decide([:], FakeRequest(headers: [("Authorization", "x"), good])) == Self.refused)
  }

  // MARK: Answers

  @Test(
    arguments: [([:], #"Basic realm="service""#), (["realm": "my api"], #"Basic realm="my api""#)]
      as [(JSONValue, String)])
  func aRefusalNamesTheRealm(config: JSONValue, challenge: String) throws {
    let request = try FakeRequest()
    guard case .respond(let response) = try Self.plugin(config).access(request.context) else {
      Issue.record("not refused")
      return
    }
    #expect(response.status == 401)
    #expect(response.headers.map(\.name) == ["WWW-Authenticate"] && response.headers.map(\.value) == [challenge])
    withExtendedLifetime(request) {}
  }

  @Test func theServiceIsToldTheName() throws {
    let request = try FakeRequest(
      headers: [
        ("Authorization", "Basic Ym9iOmtvbmc="), ("X-Credential-Identifier", "root"), ("X-Anonymous-Consumer", "true"),
      ])
    #expect(try Self.decide([:], request) == "next")
    #expect(request.upstreamHeader("X-Credential-Identifier") == ["bob"])
    #expect(request.upstreamHeader("X-Consumer-ID") == ["\(Self.bob.id)"])
    #expect(request.upstreamHeader("X-Consumer-Username") == ["bob"])
    #expect(request.upstreamHeader("X-Consumer-Custom-ID") == ["b-1"])
    #expect(request.upstreamHeader("X-Anonymous-Consumer").isEmpty)
    #expect(request.upstreamHeader("Authorization") == ["Basic Ym9iOmtvbmc="])
  }

  @Test func hiddenCredentialsDoNotReachTheService() throws {
    let good = "Basic Ym9iOmtvbmc="
    let hides: JSONValue = ["hide_credentials": true]
    let own = try FakeRequest(headers: [("Authorization", good), ("Proxy-Authorization", "foobar")])
    #expect(try Self.decide(hides, own) == "next")
    #expect(own.upstreamHeader("Authorization").isEmpty && own.upstreamHeader("Proxy-Authorization").isEmpty)
    // What was not needed is not looked at, and may be for the service.
    let proxy = try FakeRequest(headers: [("Authorization", "Bearer t"), ("Proxy-Authorization", good)])
    #expect(try Self.decide(hides, proxy) == "next")
    #expect(proxy.upstreamHeader("Authorization") == ["Bearer t"])
    #expect(proxy.upstreamHeader("Proxy-Authorization").isEmpty)
    let anonymous = try FakeRequest(headers: [("Authorization", "Basic Ym9iOktPTkc=")])
    #expect(try Self.decide(["hide_credentials": true, "anonymous": "nobody"], anonymous) == "next")
    #expect(anonymous.upstreamHeader("Authorization").isEmpty)
  }

  @Test func anonymousStandsForTheUnknown() throws {
    for headers in [[], [("Authorization", "Basic Ym9iOktPTkc=")]] {
      let request = try FakeRequest(headers: headers)
      #expect(try Self.decide(["anonymous": "nobody"], request) == "next")
      #expect(request.consumer?.username == "nobody" && request.credential == nil)
      #expect(request.upstreamHeader("X-Anonymous-Consumer") == ["true"])
      #expect(request.upstreamHeader("X-Credential-Identifier").isEmpty)
    }
    #expect(try Self.decide(["anonymous": "ghost"], FakeRequest()) == "500 An unexpected error occurred")
    let known = try FakeRequest(headers: [("Authorization", "Basic Ym9iOmtvbmc=")])
    #expect(try Self.decide(["anonymous": "ghost"], known) == "next")
  }

  @Test func withAnonymousAnEarlierIdentityIsKept() throws {
    let request = try FakeRequest()
    request.credential = Credential(id: .random(), consumer: Self.bob, fields: [:])
    #expect(try Self.decide(["anonymous": "ghost"], request) == "next")
    #expect(try Self.decide([:], request) == Self.refused)
  }

  @Test func aNameThatMustBeReadFirstSuspends() throws {
    let plugin = try Self.plugin(["hide_credentials": true], isPending: true)
    let request = try FakeRequest(headers: [("Authorization", "Basic Ym9iOmtvbmc=")])
    #expect(words(try plugin.access(request.context)) == "suspend")
    #expect(request.suspensions == 1 && request.consumer == nil)
    // The header is still there when the phase is called again.
    #expect(request.upstreamHeader("Authorization").count == 1)
  }

  // MARK: Configuration

  @Test func configurationsAreCheckedAsKongDoes() {
    #expect(outcome("basic-auth", [:]) == #"{"anonymous":null,"hide_credentials":false,"realm":"service"}"#)
    #expect(outcome("basic-auth", ["realm": .null]) == "schema violation (config.realm: required field missing)")
    #expect(
      outcome("basic-auth", ["hide_credentials": "x"])
        == "schema violation (config.hide_credentials: expected a boolean)")
    #expect(outcome("basic-auth", ["key_names": ["x"]]) == "schema violation (config.key_names: unknown field)")
    #expect(
      outcome("basic-auth", [:], ["consumer": ["id": "00000000-0000-4000-8000-000000000001"]])
        == "schema violation (consumer: value must be null)")
  }
}
