// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Writes of consumers and credentials have taken effect on every worker when their answers arrive.
@Suite struct AdminConsumerEffectTests {
  /// A gateway whose one route asks for keys, and consumer `alice` with the key `alice-key`.
  private final class Scene: Sendable {
    let gateway: GatewayProcess
    let origin: Origin
    let connections: ProxyConnections
    let plugin: String

    init() throws {
      self.origin = try Origin { exchange in
        try exchange.respond(body: exchange.head.all("X-Consumer-Username").joined())
      }
      self.gateway = try GatewayProcess(administered: nil)
      self.connections = try ProxyConnections(self.gateway)
      try self.gateway.create(
        "/services", ["name": "all", "host": "127.0.0.1", "port": .integer(self.origin.port)])
      try self.gateway.create("/services/all/routes", ["name": "all", "paths": ["/"]])
      self.plugin = try self.gateway.create("/routes/all/plugins", ["name": "key-auth"]).id
      try self.gateway.create("/consumers", ["username": "alice"])
      try self.gateway.create("/consumers/alice/key-auth", ["key": "alice-key"])
    }

    func write(_ method: String, _ target: String, _ entity: JSON = [:], status: Int = 200) throws {
      let body: AdminBody = method == "DELETE" ? .none : .json(entity)
      expect(try self.gateway.admin(method, target, body), status)
    }

    /// The names of consumers that the origin sees, or statuses.
    func consumers(key: String? = "alice-key") throws -> Set<String> {
      let headers = key.map { [("apikey", $0)] } ?? []
      let open = try self.connections.responses("/", headers: headers)
      let fresh = try (0..<4).map { _ in try self.gateway.get("/", headers: headers) }
      return Set((open + fresh).map { $0.status == 200 ? $0.text : String($0.status) })
    }
  }

  @Test func thePluginAsksForKeysWhileItIsThere() throws {
    let scene = try Scene()
    #expect(try scene.consumers() == ["alice"])
    #expect(try scene.consumers(key: nil) == ["401"])
    try scene.write("PATCH", "/plugins/\(scene.plugin)", ["config": ["key_names": ["other"]]])
    #expect(try scene.consumers() == ["401"])
    try scene.write("DELETE", "/plugins/\(scene.plugin)", status: 204)
    #expect(try scene.consumers(key: nil) == [""])
  }

  @Test func keysWorkFromTheirCreationToTheirDeletion() throws {
    let scene = try Scene()
    // Asked for before it exists, so that a worker may remember that it does not.
    #expect(try scene.consumers(key: "second") == ["401"])
    let made = try scene.gateway.create("/consumers/alice/key-auth", ["key": "second"])
    #expect(try scene.consumers(key: "second") == ["alice"])
    try scene.write("PATCH", "/consumers/alice/key-auth/\(made.id)", ["key": "third"])
    #expect(try scene.consumers(key: "second") == ["401"])
    #expect(try scene.consumers(key: "third") == ["alice"])
    try scene.write("DELETE", "/key-auths/third", status: 204)
    #expect(try scene.consumers(key: "third") == ["401"])
    #expect(try scene.consumers() == ["alice"])
  }

  @Test func aKeyMayChangeItsConsumer() throws {
    let scene = try Scene()
    let bob = try scene.gateway.create("/consumers", ["username": "bob"]).id
    #expect(try scene.consumers() == ["alice"])
    try scene.write("PATCH", "/key-auths/alice-key", ["consumer": ["id": .string(bob)]])
    #expect(try scene.consumers() == ["bob"])
    try scene.write("PATCH", "/consumers/bob", ["username": "robert"])
    #expect(try scene.consumers() == ["robert"])
  }

  @Test func aConsumerTakesItsKeysAlong() throws {
    let scene = try Scene()
    #expect(try scene.consumers() == ["alice"])
    try scene.write("DELETE", "/consumers/alice", status: 204)
    #expect(try scene.consumers() == ["401"])
    try scene.gateway.create("/consumers", ["username": "alice"])
    #expect(try scene.consumers() == ["401"])
  }

  @Test func pluginsOfAConsumerApplyToItAlone() throws {
    let scene = try Scene()
    try scene.gateway.create("/consumers", ["username": "bob"])
    try scene.gateway.create("/consumers/bob/key-auth", ["key": "bob-key"])
    let plugin = try scene.gateway.create(
      "/consumers/alice/plugins", ["name": "request-termination", "config": ["status_code": 418]])
    #expect(try scene.consumers() == ["418"])
    #expect(try scene.consumers(key: "bob-key") == ["bob"])
    try scene.write("DELETE", "/plugins/\(plugin.id)", status: 204)
    #expect(try scene.consumers() == ["alice"])
  }

  @Test func anExpiredKeyIsNoKey() throws {
    let scene = try Scene()
    try scene.gateway.create("/consumers/alice/key-auth", ["key": "brief", "ttl": 2])
    #expect(try scene.consumers(key: "brief") == ["alice"])
    try Deadline.wait(for: "the key to expire") { try scene.consumers(key: "brief") == ["401"] }
    #expect(try scene.consumers() == ["alice"])
  }
}
