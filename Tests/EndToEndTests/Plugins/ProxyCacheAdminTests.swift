// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// What proxy-cache adds to the Admin API (facts: admin-api.md).
@Suite struct ProxyCacheAdminTests {
  private struct Fixture {
    let origin: Origin
    let gateway: GatewayProcess
    let plugin: String
    let other: String

    init() throws {
      self.origin = try Origin {
        try $0.respond(headers: [("Content-Type", "text/plain"), ("X-A", "1"), ("X-A", "2")], body: $0.target)
      }
      self.gateway = try GatewayProcess(administered: nil)
      try self.gateway.create("/services", ["name": "s", "host": "127.0.0.1", "port": .integer(self.origin.port)])
      for name in ["r", "t"] {
        try self.gateway.create(
          "/services/s/routes", ["name": .string(name), "paths": [.string("/\(name)")], "strip_path": false])
      }
      self.plugin = try self.gateway.create(
        "/routes/r/plugins", ["name": "proxy-cache", "config": ["strategy": "memory"]]
      ).id
      let config: JSON = ["strategy": "memory", "memory": ["dictionary_name": "kong"]]
      self.other = try self.gateway.create("/routes/t/plugins", ["name": "proxy-cache", "config": config]).id
    }

    /// How the request stands to the cache, and its key.
    func ask(_ target: String) throws -> (status: String?, key: String) {
      let response = try self.gateway.get(target)
      return (response["X-Cache-Status"], response["X-Cache-Key"] ?? "")
    }
  }

  @Test func responsesAreShown() throws {
    let fixture = try Fixture()
    let key = try fixture.ask("/r/x").key
    for path in ["/proxy-cache/\(key)", "/proxy-cache/\(fixture.plugin)/caches/\(key)"] {
      let reply = try fixture.gateway.admin("GET", path)
      #expect(reply.status == 200 && reply["Content-Type"] == "application/json; charset=utf-8")
      #expect(reply.json["status"] == 200 && reply.json["body"] == "/r/x" && reply.json["body_len"] == 4)
      #expect(reply.json["ttl"] == 300 && reply.json["version"] == 1 && reply.json["req_body"] == "")
      #expect(reply.json["headers"]["X-Cache-Key"].string == key && reply.json["headers"]["X-A"] == ["1", "2"])
      #expect((reply.json["timestamp"].integer ?? 0) > 1_700_000_000)
    }
  }

  @Test func aResponseIsForgotten() throws {
    let fixture = try Fixture()
    let key = try fixture.ask("/r/x").key
    for path in ["/proxy-cache/\(key)", "/proxy-cache/\(fixture.plugin)/caches/\(key)"] {
      #expect(try fixture.ask("/r/x").status == "Hit")
      let reply = try fixture.gateway.admin("DELETE", path)
      #expect(reply.status == 204 && reply.text.isEmpty)
      #expect(try fixture.gateway.admin("DELETE", path).status == 404)
      #expect(try fixture.ask("/r/x").status == "Miss")
    }
  }

  @Test func allResponsesAreForgotten() throws {
    let fixture = try Fixture()
    let targets = ["/r/1", "/r/2", "/t/1"]
    for status in ["Miss", "Hit"] { for target in targets { #expect(try fixture.ask(target).status == status) } }
    let reply = try fixture.gateway.admin("DELETE", "/proxy-cache")
    #expect(reply.status == 204 && reply.text.isEmpty)
    for target in targets { #expect(try fixture.ask(target).status == "Miss") }
  }

  @Test func dictionariesAreApart() throws {
    let fixture = try Fixture()
    let key = try fixture.ask("/t/x").key
    #expect(try fixture.gateway.admin("GET", "/proxy-cache/\(fixture.other)/caches/\(key)").status == 200)
    #expect(try fixture.gateway.admin("GET", "/proxy-cache/\(fixture.plugin)/caches/\(key)").status == 404)
    #expect(try fixture.gateway.admin("DELETE", "/proxy-cache/\(fixture.plugin)/caches/\(key)").status == 404)
    #expect(try fixture.gateway.admin("DELETE", "/proxy-cache/\(key)").status == 204)
  }

  @Test func whatIsNotThereIsNotFound() throws {
    let fixture = try Fixture()
    let key = try fixture.ask("/r/x").key
    let route = try fixture.gateway.admin("GET", "/routes/r").id
    let zeros = String(repeating: "0", count: 64)
    let paths = [
      "/proxy-cache/123", "/proxy-cache/\(zeros)", "/proxy-cache/\(fixture.plugin)/caches/123",
      "/proxy-cache/\(fixture.plugin)/caches/\(zeros)", "/proxy-cache/\(route)/caches/\(key)",
      "/proxy-cache/nonsense/caches/\(key)",
    ]
    for path in paths {
      for method in ["GET", "DELETE"] {
        let reply = try fixture.gateway.admin(method, path)
        #expect(reply.status == 404 && reply.text.isEmpty, "\(method) \(path)")
      }
    }
    #expect(try fixture.gateway.admin("POST", "/proxy-cache").status == 405)
    #expect(try fixture.gateway.statusAPI("DELETE", "/proxy-cache").status == 404)
    #expect(try fixture.ask("/r/x").status == "Hit")
  }

  @Test func anUnknownDictionaryIsRefused() throws {
    let fixture = try Fixture()
    let config: JSON = ["strategy": "memory", "memory": ["dictionary_name": "mine"]]
    let reply = try fixture.gateway.admin("POST", "/plugins", .json(["name": "proxy-cache", "config": config]))
    #expect(reply.status == 400)
    #expect(reply.json["fields"]["@entity"] == ["missing shared dict 'mine'"], "\(reply)")
  }
}
