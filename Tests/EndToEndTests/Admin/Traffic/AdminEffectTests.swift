// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// A write has taken effect on every worker when its answer arrives: the next request on any connection sees it.
@Suite struct AdminEffectTests {
  /// A gateway, two origins that say their names, and connections to all workers that were open before any write.
  private final class Scene: Sendable {
    let gateway: GatewayProcess
    let first: Origin
    let second: Origin
    let connections: ProxyConnections

    init() throws {
      self.first = try Origin { try $0.respond(body: "first") }
      self.second = try Origin { try $0.respond(body: "second") }
      self.gateway = try GatewayProcess(administered: nil)
      self.connections = try ProxyConnections(self.gateway)
    }

    /// A service of the first origin with a route at `/`, both named `all`.
    func makeService() throws {
      try self.gateway.create(
        "/services", ["name": "all", "host": "127.0.0.1", "port": .integer(self.first.port)])
      try self.gateway.create("/services/all/routes", ["name": "all", "paths": ["/"]])
    }

    func write(_ method: String, _ target: String, _ entity: JSON = [:], status: Int = 200) throws {
      let body: AdminBody = method == "DELETE" ? .none : .json(entity)
      expect(try self.gateway.admin(method, target, body), status)
    }

    /// What requests to a path get now: the origin's names, or statuses.
    func answers(_ target: String, headers: [(String, String)] = []) throws -> Set<String> {
      let open = try self.connections.responses(target, headers: headers)
      let fresh = try (0..<4).map { _ in try self.gateway.get(target, headers: headers) }
      return Set((open + fresh).map { $0.status == 200 ? $0.text : String($0.status) })
    }
  }

  @Test func routesMatchAtOnceAndNoLonger() throws {
    let scene = try Scene()
    #expect(try scene.answers("/") == ["404"])
    try scene.makeService()
    #expect(try scene.answers("/") == ["first"])
    try scene.write("PATCH", "/routes/all", ["paths": ["/new"]])
    #expect(try scene.answers("/") == ["404"])
    #expect(try scene.answers("/new") == ["first"])
    try scene.write("PUT", "/routes/all", ["hosts": ["a.test"], "service": ["name": "all"]])
    #expect(try scene.answers("/new") == ["404"])
    #expect(try scene.answers("/new", headers: [("Host", "a.test")]) == ["first"])
    try scene.write("DELETE", "/routes/all", status: 204)
    #expect(try scene.answers("/", headers: [("Host", "a.test")]) == ["404"])
  }

  @Test func aBetterRouteTakesOver() throws {
    let scene = try Scene()
    try scene.makeService()
    try scene.gateway.create(
      "/services", ["name": "other", "host": "127.0.0.1", "port": .integer(scene.second.port)])
    #expect(try scene.answers("/deep/path") == ["first"])
    let route = try scene.gateway.create("/services/other/routes", ["paths": ["/deep"]])
    #expect(try scene.answers("/deep/path") == ["second"])
    try scene.write("PATCH", "/routes/\(route.id)", ["service": ["name": "all"]])
    #expect(try scene.answers("/deep/path") == ["first"])
    try scene.write("DELETE", "/routes/\(route.id)", status: 204)
    #expect(try scene.answers("/deep/path") == ["first"])
  }

  @Test func servicesLeadElsewhereAtOnce() throws {
    let scene = try Scene()
    try scene.makeService()
    try scene.write("PATCH", "/services/all", ["port": .integer(scene.second.port)])
    #expect(try scene.answers("/") == ["second"])
    try scene.write("PATCH", "/services/all", ["url": .string("http://localhost:\(scene.first.port)")])
    #expect(try scene.answers("/") == ["first"])
    try scene.write("PATCH", "/services/all", ["enabled": false])
    #expect(try scene.answers("/") == ["404"])
    try scene.write("PATCH", "/services/all", ["enabled": true])
    #expect(try scene.answers("/") == ["first"])
  }

  @Test func aServiceAndItsRoutesGo() throws {
    let scene = try Scene()
    try scene.makeService()
    try scene.write("DELETE", "/services/all", status: 400)
    #expect(try scene.answers("/") == ["first"])
    try scene.write("DELETE", "/services/all/routes/all", status: 204)
    try scene.write("DELETE", "/services/all", status: 204)
    #expect(try scene.answers("/") == ["404"])
  }

  @Test func refusedWritesChangeNothing() throws {
    let scene = try Scene()
    try scene.makeService()
    try scene.write("PATCH", "/services/all", ["port": "none"], status: 400)
    try scene.write("PATCH", "/routes/all", ["paths": ["none"]], status: 400)
    try scene.write("PUT", "/routes/all", ["paths": ["/"], "service": ["name": "ghost"]], status: 400)
    try scene.write("POST", "/services/all/plugins", ["name": "ghost"], status: 400)
    #expect(try scene.answers("/") == ["first"])
  }

  @Test func pluginsComeAndGo() throws {
    let scene = try Scene()
    try scene.makeService()
    let plugin = try scene.gateway.create(
      "/services/all/plugins", ["name": "request-termination", "config": ["status_code": 418]])
    #expect(try scene.answers("/") == ["418"])
    try scene.write("PATCH", "/plugins/\(plugin.id)", ["config": ["status_code": 451]])
    #expect(try scene.answers("/") == ["451"])
    try scene.write("PATCH", "/plugins/\(plugin.id)", ["enabled": false])
    #expect(try scene.answers("/") == ["first"])
    try scene.write("PATCH", "/plugins/\(plugin.id)", ["enabled": true])
    #expect(try scene.answers("/") == ["451"])
    try scene.write("DELETE", "/plugins/\(plugin.id)", status: 204)
    #expect(try scene.answers("/") == ["first"])
    try scene.gateway.create("/plugins", ["name": "request-termination", "config": ["status_code": 410]])
    #expect(try scene.answers("/") == ["410"])
  }

  @Test func theNarrowerPluginTakesOver() throws {
    let scene = try Scene()
    try scene.makeService()
    try scene.gateway.create("/plugins", ["name": "request-termination", "config": ["status_code": 410]])
    let route = try scene.gateway.create(
      "/routes/all/plugins", ["name": "request-termination", "config": ["status_code": 418]])
    #expect(try scene.answers("/") == ["418"])
    try scene.write("DELETE", "/plugins/\(route.id)", status: 204)
    #expect(try scene.answers("/") == ["410"])
  }

  @Test func targetsOfAnUpstreamComeAndGo() throws {
    let scene = try Scene()
    try scene.gateway.create("/upstreams", ["name": "pool.test"])
    try scene.gateway.create("/services", ["name": "pool", "host": "pool.test", "port": 1])
    try scene.gateway.create("/services/pool/routes", ["paths": ["/"]])
    #expect(try scene.answers("/") == ["503"])
    let path = "/upstreams/pool.test/targets"
    let first = "127.0.0.1:\(scene.first.port)"
    try scene.gateway.create(path, ["target": .string(first)])
    #expect(try scene.answers("/") == ["first"])
    try scene.gateway.create(path, ["target": "127.0.0.1:\(scene.second.port)"])
    #expect(try scene.answers("/") == ["first", "second"])
    try scene.write("PATCH", "\(path)/\(first)", ["weight": 0])
    #expect(try scene.answers("/") == ["second"])
    try scene.write("PATCH", "\(path)/\(first)", ["weight": 100])
    #expect(try scene.answers("/") == ["first", "second"])
    try scene.write("DELETE", "\(path)/\(first)", status: 204)
    #expect(try scene.answers("/") == ["second"])
  }

  @Test func anUpstreamTakesTheNameOver() throws {
    let scene = try Scene()
    try scene.gateway.create(
      "/services", ["name": "all", "host": "localhost", "port": .integer(scene.first.port)])
    try scene.gateway.create("/services/all/routes", ["paths": ["/"]])
    #expect(try scene.answers("/") == ["first"])
    try scene.gateway.create("/upstreams", ["name": "localhost"])
    #expect(try scene.answers("/") == ["503"])
    try scene.gateway.create("/upstreams/localhost/targets", ["target": "127.0.0.1:\(scene.second.port)"])
    #expect(try scene.answers("/") == ["second"])
    try scene.write("DELETE", "/upstreams/localhost", status: 204)
    #expect(try scene.answers("/") == ["first"])
  }
}
