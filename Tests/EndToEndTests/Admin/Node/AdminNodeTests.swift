// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `/`, `/status`, `/endpoints`, `/plugins/enabled` and what else tells of the node (facts: admin-api.md 5).
@Suite struct AdminNodeTests {
  private typealias Admin = AdminGateway
  /// Some of those that come with the gateway.
  private static let plugins: [JSON] = [
    "acl", "correlation-id", "jwt", "key-auth", "prometheus", "rate-limiting", "request-termination", "syslog",
  ]

  @Test func theRootTellsWhatTheNodeIs() throws {
    let root = try Admin.send("GET", "/").json
    #expect(root["tagline"] == "Welcome to kong")
    #expect(root["version"] == "3.9.3" && root["edition"] == "community")
    #expect(root["node_id"].string?.utf8.count == 36)
    #expect(root["pids"]["master"].integer == Int(try AdminGateway.shared().processID))
    #expect(root["pids"]["workers"].array.allSatisfy { $0.integer != nil } && !root["pids"]["workers"].array.isEmpty)
    #expect(root["timers"] == ["running": 0, "pending": 0])
    #expect(root["lua_version"].string != nil && root["hostname"].string != nil)
    let available = root["plugins"]["available_on_server"]
    for plugin in Self.plugins { #expect(available[plugin.string ?? ""]["version"].string != nil, "\(plugin)") }
    #expect(available["key-auth"]["priority"] == 1250)
    #expect(available["no-such"] == .missing)
    let configuration = root["configuration"]
    #expect(configuration["role"] == "traditional" && configuration["router_flavor"] == "traditional_compatible")
    #expect(configuration["proxy_listen"] == [.string("127.0.0.1:\(try AdminGateway.shared().port)")])
    #expect(configuration["database"].string != "off")
  }

  @Test func pluginsInUseAreNamedOnce() throws {
    for name in ["in-cluster-1", "in-cluster-2"] {
      try Admin.make("/services", ["name": .string(name), "host": "h"])
      try Admin.make("/services/\(name)/plugins", ["name": "request-termination", "enabled": false])
    }
    let names = try Admin.send("GET", "/").json["plugins"]["enabled_in_cluster"].array
    #expect(names.filter { $0 == "request-termination" }.count == 1)
  }

  @Test func enabledPluginsAreListed() throws {
    let reply = try Admin.send("GET", "/plugins/enabled")
    expect(reply, 200)
    #expect(reply.json.keys == ["enabled_plugins"])
    #expect(Set(reply.json["enabled_plugins"].array).isSuperset(of: Self.plugins))
  }

  @Test func statusCountsAndKnowsTheDatastore() throws {
    let reply = try Admin.send("GET", "/status")
    expect(reply, 200)
    #expect(reply.json["database"] == ["reachable": true])
    #expect(reply.json["configuration_hash"] == .missing)
    let server = reply.json["server"]
    for name in [
      "connections_accepted", "connections_active", "connections_handled", "connections_reading",
      "connections_waiting", "connections_writing", "total_requests",
    ] {
      #expect(server[name].integer != nil, "\(name)")
    }
    let requests = server["total_requests"].integer ?? 0
    for _ in 0..<3 { _ = try AdminGateway.shared().get("/no-route-here") }
    let after = try Admin.send("GET", "/status").json["server"]["total_requests"].integer ?? 0
    #expect(after >= requests + 3)
  }

  @Test func memoryIsShownInTheUnitAskedFor() throws {
    let amount = { (query: String) in
      try Admin.send("GET", "/status\(query)").json["memory"]["workers_lua_vms"][0]["http_allocated_gc"]
    }
    #expect(try amount("").string?.wholeMatch(of: /\d+\.\d\d MiB/) != nil)
    #expect(try amount("?unit=k&scale=0").string?.wholeMatch(of: /\d+ KiB/) != nil)
    #expect(try amount("?unit=G&scale=3").string?.wholeMatch(of: /\d+\.\d{3} GiB/) != nil)
    #expect(try amount("?unit=b").integer ?? 0 > 0)
    #expect(try amount("?scale=abc").string?.wholeMatch(of: /\d+\.\d\d MiB/) != nil)
    expect(
      try Admin.send("GET", "/status?unit=V"), 400,
      ["message": "invalid unit 'V' (expected 'k/K', 'm/M', or 'g/G')"])
    expect(
      try Admin.send("GET", "/status?scale=-1"), 400, ["message": "scale must be equal or greater than 0"])
  }

  @Test func everyPathIsListedWithItsParametersInBraces() throws {
    let paths = try Admin.send("GET", "/endpoints").data.compactMap(\.string)
    for path in [
      "/", "/services", "/services/{services}", "/services/{services}/routes/{routes}", "/routes/{routes}/service",
      "/consumers/{consumers}/key-auth/{keyauth_credentials}", "/key-auths", "/config", "/endpoints", "/tags/{tags}",
      "/upstreams/{upstreams}/targets/all", "/schemas/plugins/{name}", "/debug/node/log-level/{log_level}", "/targets",
    ] {
      #expect(paths.contains(path), "\(path)")
    }
    #expect(Set(paths).count == paths.count && paths == paths.sorted())
    #expect(!paths.contains { $0.contains(":") })
  }

  @Test func whatOtherRolesHaveIsRefused() throws {
    for path in ["/clustering/data-planes", "/clustering/status"] {
      expect(
        try Admin.send("GET", path), 400,
        [
          "message": """
          this endpoint is only available when Kong is configured to run as Control Plane for the cluster
          """
        ])
    }
    expect(try Admin.send("GET", "/status/dns"), 501, ["message": "not implemented with the legacy DNS client"])
    let refusal: JSON = [
      "message": "this endpoint is only available when Kong is configured to not use a database"
    ]
    expect(try Admin.send("GET", "/config"), 400, refusal)
    expect(try Admin.send("POST", "/config", .yaml("_format_version: '3.0'\n")), 400, refusal)
    expect(try Admin.send("POST", "/config", .text("x", type: "text/plain")), 415)
  }

  @Test(arguments: [
    ("/filter-chains", ["GET", "POST", "OPTIONS"]), ("/filter-chains/x", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"]),
    ("/filter-chains/x/route", ["GET"]), ("/filter-chains/x/service", ["GET"]),
    ("/routes/ghost/filter-chains", ["GET", "POST"]), ("/services/ghost/filter-chains/x", ["GET", "PUT"]),
    ("/routes/ghost/filters/all", ["GET"]), ("/routes/ghost/filters/enabled", ["GET", "HEAD"]),
    ("/routes/ghost/filters/disabled", ["GET"]),
  ]) func filterChainsNeedWasm(path: String, methods: [String]) throws {
    for method in methods {
      let reply = try Admin.send(method, path)
      #expect(reply.status == 400)
      if method == "HEAD" { continue }
      #expect(reply.json == ["message": "this endpoint is only available when wasm is enabled"])
    }
    expect(try Admin.send("PATCH", "/filter-chains"), 405, AdminError.notAllowed)
  }

  @Test func timersAreShapedAsClientsExpect() throws {
    let timers = try Admin.send("GET", "/timers").json
    #expect(timers["worker"] == ["id": 0, "count": 1])
    #expect(timers["stats"].keys == ["flamegraph", "sys", "timers"])
  }
}
