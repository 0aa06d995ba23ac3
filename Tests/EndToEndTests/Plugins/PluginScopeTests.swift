// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Which plugin of a name runs, where, and in what order.
@Suite struct PluginScopeTests {
  private func message(_ response: Response) -> String { response.text }

  /// Every scope has its own message, so the answer tells which configuration was taken.
  private static func declarative(port: Int) -> String {
    let scopes = [
      "", "service: full", "route: full-a", "consumer: alice", "route: full-a, service: full",
      "service: full, consumer: alice", "route: full-a, consumer: alice",
      "route: full-a, service: full, consumer: alice", "service: half", "route: half-b",
    ]
    let plugins = scopes.map { scope in
      let name = scope.isEmpty ? "global" : scope.split(separator: ",").map { $0.split(separator: ":")[1] }.joined()
      return "- {name: request-termination, config: {message: \"\(name)\"}\(scope.isEmpty ? "" : ", " + scope)}\n"
    }
    return """
      _format_version: "3.0"
      services:
      - name: full
        url: http://127.0.0.1:\(port)
        routes:
        - {name: full-a, paths: [/full/a]}
        - {name: full-c, paths: [/full/c]}
      - name: half
        url: http://127.0.0.1:\(port)
        routes:
        - {name: half-b, paths: [/half/b]}
        - {name: half-c, paths: [/half/c]}
      - name: none
        url: http://127.0.0.1:\(port)
        routes:
        - {name: none-a, paths: [/none/a]}
      consumers:
      - {username: alice, keyauth_credentials: [{key: alice-key}]}
      - {username: bob, keyauth_credentials: [{key: bob-key}]}
      plugins:
      - {name: key-auth}
      \(plugins.joined())
      """
  }

  static let cases = [
    ("/full/a", "alice-key", " full-a full alice"), ("/full/a", "bob-key", " full-a full"),
    ("/full/c", "alice-key", " full alice"), ("/full/c", "bob-key", " full"), ("/half/b", "bob-key", " half-b"),
    ("/half/b", "alice-key", " alice"), ("/half/c", "bob-key", " half"), ("/none/a", "alice-key", " alice"),
    ("/none/a", "bob-key", "global"),
  ]

  private static let shared = Result { try Fixture(declarative: Self.declarative) }

  @Test(arguments: Self.cases) func mostSpecificConfigurationRuns(path: String, key: String, message: String) throws {
    let response = try Self.shared.get().gateway.get(path, headers: [("apikey", key)])
    #expect(response.text == "{\"message\":\"\(message)\"}")
  }

  @Test func higherPriorityAnswersFirst() throws {
    #expect(try Self.shared.get().gateway.get("/none/a").status == 401)
  }

  @Test func withoutARouteNothingIsAccessed() throws {
    let response = try Self.shared.get().gateway.get("/nowhere", headers: [("apikey", "alice-key")])
    #expect(response.status == 404, "the global request-termination has no access phase to run in")
  }

  private static func correlated(_ scope: String) -> (Int) -> String {
    { port in
      let plugin = "{name: correlation-id, config: {generator: uuid, echo_downstream: true}}"
      return """
        _format_version: "3.0"
        services:
        - name: origin
          url: http://127.0.0.1:\(port)
          \(scope == "service" ? "plugins: [\(plugin)]" : "")
          routes:
          - name: in
            paths: [/in]
            plugins: [{name: key-auth}\(scope == "route" ? ", \(plugin)" : "")]
        \(scope == "global" ? "plugins: [\(plugin)]" : "")
        """
    }
  }

  @Test(arguments: [("global", true), ("service", false), ("route", false)])
  func onlyGlobalPluginsSeeA404(scope: String, sees: Bool) throws {
    let fixture = try Fixture(declarative: Self.correlated(scope))
    let missing = try fixture.gateway.get("/out")
    #expect(missing.status == 404)
    #expect((missing["Kong-Request-ID"] != nil) == sees)
    let refused = try fixture.gateway.get("/in")
    #expect(refused.status == 401)
    #expect(refused["Kong-Request-ID"]?.utf8.count == 36, "header_filter runs on an answer of another plugin")
  }

  @Test func disabledPluginDoesNotRun() throws {
    let fixture = try Fixture(global: "plugins:\n- {name: request-termination, enabled: false}")
    #expect(try fixture.gateway.get().status == 200)
  }

  @Test func disabledServiceHasNoRoutes() throws {
    let fixture = try Fixture(service: "enabled: false")
    #expect(try fixture.gateway.get().status == 404)
  }

  /// A plugin with a lower priority than the one that answered still filters the response.
  @Test func laterPluginStillSeesTheHeaders() throws {
    let fixture = try Fixture(
      global: "plugins:\n- {name: correlation-id, config: {echo_downstream: true}}\n- {name: request-termination}")
    let response = try fixture.gateway.get("/", headers: [("Kong-Request-ID", "kept")])
    #expect(response.status == 503)
    #expect(response["Kong-Request-ID"] == "kept")
    #expect(fixture.origin.requests.isEmpty)
  }

  @Test func sameScopeTwiceIsRefused() throws {
    let error = try #require(throws: HarnessError.self) {
      _ = try Fixture(global: "plugins:\n- {name: correlation-id}\n- {name: correlation-id}")
    }
    #expect(error.description.contains("uniqueness violation"))
  }
}
