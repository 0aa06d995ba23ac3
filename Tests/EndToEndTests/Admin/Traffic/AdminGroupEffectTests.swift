// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Writes of names, passwords and groups have taken effect on every worker when their answers arrive.
@Suite struct AdminGroupEffectTests {
  /// A gateway whose one route asks for names and passwords, and lets in the group `staff`.
  private final class Scene: Sendable {
    let gateway: GatewayProcess
    let origin: Origin
    let connections: ProxyConnections

    init(_ config: JSON = ["allow": ["staff"]]) throws {
      self.origin = try Origin { exchange in
        try exchange.respond(body: exchange.head.all("X-Consumer-Groups").joined())
      }
      self.gateway = try GatewayProcess(administered: nil)
      self.connections = try ProxyConnections(self.gateway)
      try self.gateway.create(
        "/services", ["name": "all", "host": "127.0.0.1", "port": .integer(self.origin.port)])
      try self.gateway.create("/services/all/routes", ["name": "all", "paths": ["/"]])
      try self.gateway.create("/routes/all/plugins", ["name": "basic-auth"])
      try self.gateway.create("/routes/all/plugins", ["name": "acl", "config": config])
      for name in ["bob", "eve"] {
        try self.gateway.create("/consumers", ["username": .string(name)])
        try self.gateway.create(
          "/consumers/\(name)/basic-auth", ["username": .string(name), "password": "kong"])
      }
    }

    func write(_ method: String, _ target: String, _ entity: JSON = [:], status: Int = 200) throws {
      let body: AdminBody = method == "DELETE" ? .none : .json(entity)
      expect(try self.gateway.admin(method, target, body), status)
    }

    /// The groups that the origin is told, or statuses. `bob:kong`, `bob:new`, `eve:kong`.
    func groups(_ code: String = "Ym9iOmtvbmc=") throws -> Set<String> {
      let headers = [("Authorization", "Basic \(code)")]
      let open = try self.connections.responses("/", headers: headers)
      let fresh = try (0..<4).map { _ in try self.gateway.get("/", headers: headers) }
      return Set((open + fresh).map { $0.status == 200 ? $0.text : String($0.status) })
    }
  }

  private static let newPassword = "Ym9iOm5ldw=="
  private static let eve = "ZXZlOmtvbmc="

  @Test func groupsCountFromTheirCreationToTheirDeletion() throws {
    let scene = try Scene()
    #expect(try scene.groups() == ["403"])
    let staff = try scene.gateway.create("/consumers/bob/acls", ["group": "staff"])
    #expect(try scene.groups() == ["staff"])
    #expect(try scene.groups(Self.eve) == ["403"])
    try scene.write("PATCH", "/acls/\(staff.id)", ["group": "guests"])
    #expect(try scene.groups() == ["403"])
    try scene.write("PUT", "/consumers/bob/acls/staff")
    #expect(try scene.groups().count == 1)
    #expect(try scene.groups().first?.split(separator: ", ").sorted() == ["guests", "staff"])
    try scene.write("DELETE", "/consumers/bob/acls/staff", status: 204)
    #expect(try scene.groups() == ["403"])
  }

  @Test func aGroupMayChangeItsConsumer() throws {
    let scene = try Scene()
    let staff = try scene.gateway.create("/consumers/bob/acls", ["group": "staff"])
    #expect(try scene.groups() == ["staff"])
    #expect(try scene.groups(Self.eve) == ["403"])
    try scene.write("PATCH", "/acls/\(staff.id)", ["consumer": ["username": "eve"]])
    #expect(try scene.groups() == ["403"])
    #expect(try scene.groups(Self.eve) == ["staff"])
  }

  @Test func deniedGroupsAreKeptOutAtOnce() throws {
    let scene = try Scene(["deny": ["banned"]])
    #expect(try scene.groups() == [""])
    try scene.write("PUT", "/consumers/bob/acls/banned")
    #expect(try scene.groups() == ["403"])
    #expect(try scene.groups(Self.eve) == [""])
    try scene.write("DELETE", "/consumers/bob/acls/banned", status: 204)
    #expect(try scene.groups() == [""])
  }

  @Test func aConsumerTakesItsGroupsAlong() throws {
    let scene = try Scene()
    try scene.write("PUT", "/consumers/bob/acls/staff")
    #expect(try scene.groups() == ["staff"])
    try scene.write("DELETE", "/consumers/bob", status: 204)
    #expect(try scene.groups() == ["401"])
    try scene.gateway.create("/consumers", ["username": "bob"])
    try scene.gateway.create("/consumers/bob/basic-auth", ["username": "bob", "password": "kong"])
    #expect(try scene.groups() == ["403"])
  }

  @Test func aNewPasswordReplacesTheOldOne() throws {
    let scene = try Scene(["deny": ["banned"]])
    #expect(try scene.groups() == [""])
    #expect(try scene.groups(Self.newPassword) == ["401"])
    try scene.write("PATCH", "/consumers/bob/basic-auth/bob", ["password": "new"])
    #expect(try scene.groups() == ["401"])
    #expect(try scene.groups(Self.newPassword) == [""])
    try scene.write("DELETE", "/basic-auths/bob", status: 204)
    #expect(try scene.groups(Self.newPassword) == ["401"])
  }
}
