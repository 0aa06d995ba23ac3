// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Every number that the Admin API takes, at its extremes: it is refused or kept, and the gateway goes on serving,
/// also with what was kept.
@Suite(.serialized) struct AdminExtremeNumberTests {
  private static let extremes: [JSON] = [
    .integer(.max), .integer(.min), 9_007_199_254_740_993, 1e308, -1e308, 2_147_483_647, 2_147_483_646, 1_000_000,
    65535,
    32767, 0, -1, 0.001, 1e-300,
  ]

  private struct Fixture {
    let origin: Origin
    let gateway: GatewayProcess

    init() throws {
      self.origin = try Origin { try $0.echo() }
      self.gateway = try GatewayProcess(administered: nil)
      try self.gateway.create(
        "/services", ["name": "s", "host": "127.0.0.1", "port": .integer(self.origin.port)])
      try self.gateway.create("/services/s/routes", ["name": "r", "paths": ["/"]])
    }

    func schema(_ name: String) throws -> JSON { try self.gateway.admin("GET", "/schemas/\(name)").json }

    /// Posts the body, sends a request through the gateway when it was accepted, and takes it away again.
    func tryOut(_ body: JSON, at collection: String) throws {
      do {
        let reply = try self.gateway.admin("POST", collection, .json(body))
        #expect([201, 400].contains(reply.status), "\(collection) \(body): \(reply)")
        guard reply.status == 201 else { return }
        _ = try self.gateway.get("/")
        let address = "\(collection)/\(reply.id)"
        #expect(try self.gateway.admin("GET", address).status == 200, "\(collection) \(body)")
        #expect(try self.gateway.admin("DELETE", address).status == 204, "\(collection) \(body)")
      } catch {
        throw HarnessError(.failed, "\(collection) \(body): \(error)")
      }
    }
  }

  /// The paths of the numbers in a record, lists and maps left out.
  private static func numbers(_ fields: JSON, below path: [String] = []) -> [[String]] {
    fields.array.flatMap { field -> [[String]] in
      guard let name = field.keys.first else { return [] }
      switch field[name]["type"].string {
      case "integer", "number": return [path + [name]]
      case "record": return self.numbers(field[name]["fields"], below: path + [name])
      default: return []
      }
    }
  }

  private static func setting(_ path: ArraySlice<String>, of body: JSON, to value: JSON) -> JSON {
    guard let name = path.first else { return value }
    return body.with(.object([name: self.setting(path.dropFirst(), of: body[name], to: value)]))
  }

  @Test func numbersOfEntities() throws {
    let fixture = try Fixture()
    try fixture.gateway.create("/consumers", ["username": "c"])
    try fixture.gateway.create("/upstreams", ["name": "u"])
    let collections: [(schema: String, path: String, least: JSON)] = [
      ("services", "/services", ["host": "h"]), ("routes", "/services/s/routes", ["paths": ["/"]]),
      ("consumers", "/consumers", ["username": "x"]), ("upstreams", "/upstreams", ["name": "x"]),
      ("targets", "/upstreams/u/targets", ["target": "127.0.0.1:1"]),
      ("keyauth_credentials", "/consumers/c/key-auth", ["key": "k"]),
    ]
    for (schema, path, least) in collections {
      let numbers = Self.numbers(try fixture.schema(schema)["fields"]) + [["ttl"]]
      #expect(numbers.contains(["created_at"]), "\(schema): \(numbers)")
      for number in numbers {
        for value in Self.extremes { try fixture.tryOut(Self.setting(number[...], of: least, to: value), at: path) }
      }
    }
  }

  @Test func numbersOfThePluginsConfigurations() throws {
    let fixture = try Fixture()
    let least: [String: JSON] = [
      "acl": ["allow": ["a"]], "file-log": ["path": "/dev/null"], "http-log": ["http_endpoint": "http://127.0.0.1:1/"],
      "tcp-log": ["host": "127.0.0.1", "port": 1], "udp-log": ["host": "127.0.0.1", "port": 1],
      "ip-restriction": ["allow": ["127.0.0.1"]], "proxy-cache": ["strategy": "memory"], "rate-limiting": ["minute": 1],
      "response-ratelimiting": ["limits": ["video": ["minute": 1]]],
      "redirect": ["location": "https://elsewhere.example"],
    ]
    var tried = 0
    for plugin in try fixture.gateway.admin("GET", "/plugins/enabled").json["enabled_plugins"].array.compactMap(
      \.string)
    {
      let config = try #require(
        try fixture.schema("plugins/\(plugin)")["fields"].array.first { $0["config"] != .missing })["config"]
      for number in Self.numbers(config["fields"]) {
        for value in Self.extremes {
          let config = Self.setting(number[...], of: least[plugin] ?? [:], to: value)
          try fixture.tryOut(["name": .string(plugin), "config": config], at: "/routes/r/plugins")
          tried += 1
        }
      }
    }
    let redis: JSON = ["host": "127.0.0.1", "port": 1]
    for value in Self.extremes {
      let config: JSON = ["minute": 1, "policy": "redis", "redis": redis, "sync_rate": value]
      try fixture.tryOut(["name": "rate-limiting", "config": config], at: "/routes/r/plugins")
      let limits: JSON = ["limits": ["video": ["second": value]], "block_on_first_violation": true]
      try fixture.tryOut(["name": "response-ratelimiting", "config": limits], at: "/routes/r/plugins")
    }
    #expect(tried > 500, "the schemas tell of few numbers: \(tried)")
  }

  @Test func numbersOfTheAPIs() throws {
    let fixture = try Fixture()
    let least: JSON = ["name": "a", "uris": "/a", "upstream_url": "http://127.0.0.1:1"]
    for field in [
      "retries", "upstream_connect_timeout", "upstream_send_timeout", "upstream_read_timeout", "created_at",
    ] {
      for value in Self.extremes { try fixture.tryOut(Self.setting([field], of: least, to: value), at: "/apis") }
    }
  }

  @Test func numbersThatTheNodeIsAskedWith() throws {
    let gateway = try GatewayProcess(administered: nil)
    for number in ["9223372036854775807", "-9223372036854775808", "1e308", "-1e308", "nan", "inf", "1e-300", "0"] {
      let level = try gateway.admin("PUT", "/debug/node/log-level/error?timeout=\(number)")
      #expect([200, 400].contains(level.status), "timeout=\(number): \(level)")
      #expect(try gateway.admin("PUT", "/debug/node/log-level/notice?timeout=\(number)").status > 0)
      let status = try gateway.admin("GET", "/status?unit=k&scale=\(number)")
      #expect([200, 400].contains(status.status), "scale=\(number): \(status)")
    }
  }

  /// `MTA` is 10 in Base64, `OTIyMzM3MjAzNjg1NDc3NTgwNw==` the greatest of all numbers.
  @Test(arguments: ["/apis", "/services", "/routes", "/consumers", "/tags", "/upstreams", "/plugins", "/targets"])
  func numbersOfPages(path: String) throws {
    let gateway = try AdminGateway.shared()
    for size in ["1", "1000", "9223372036854775807", "-9223372036854775808", "1e308", "nan", "inf", ""] {
      for offset in ["MTA", "OTIyMzM3MjAzNjg1NDc3NTgwNw==", "LTkyMjMzNzIwMzY4NTQ3NzU4MDg=", "%FF", "", "x"] {
        let reply = try gateway.admin("GET", "\(path)?size=\(size)&offset=\(offset)")
        #expect([200, 400, 404].contains(reply.status), "size=\(size)&offset=\(offset): \(reply)")
      }
    }
    #expect(try gateway.admin("GET", "/").status == 200)
  }
}
