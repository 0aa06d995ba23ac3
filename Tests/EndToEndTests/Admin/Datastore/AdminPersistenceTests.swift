// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// What was written is there after a stop and a start on the same folder.
@Suite struct AdminPersistenceTests {
  private static let lists = [
    "/services", "/routes", "/consumers", "/plugins", "/upstreams", "/upstreams/kept.test/targets", "/certificates",
    "/snis", "/ca_certificates", "/key-sets", "/keys", "/vaults", "/tags",
  ]

  /// At least one entity of every collection.
  private func fill(_ gateway: GatewayProcess, port: Int) throws {
    let certificate = try gateway.create(
      "/certificates", TestCertificates.body(TestCertificates.first, snis: ["kept.test", "*.kept.test"]))
    try gateway.create("/ca_certificates", ["cert": .string(TestCertificates.second.certificate)])
    try gateway.create(
      "/services", ["name": "kept", "host": "kept.test", "tags": ["a", "ü"], "connect_timeout": 1234])
    try gateway.create(
      "/services", ["url": "https://h", "client_certificate": ["id": .string(certificate.id)]])
    try gateway.create(
      "/services/kept/routes", ["name": "kept", "paths": ["/kept"], "headers": ["x-kept": ["1", "2"]]])
    try gateway.create("/services/kept/plugins", ["name": "key-auth", "config": ["hide_credentials": true]])
    try gateway.create("/consumers", ["username": "kept", "custom_id": "7"])
    try gateway.create("/consumers/kept/key-auth", ["key": "kept-key", "ttl": 1000])
    try gateway.create("/consumers/kept/plugins", ["name": "correlation-id", "instance_name": "kept"])
    try gateway.create("/upstreams", ["name": "kept.test", "healthchecks": ["active": ["timeout": 1.5]]])
    try gateway.create("/upstreams/kept.test/targets", ["target": "127.0.0.1:\(port)"])
    try gateway.create("/key-sets", ["name": "kept"])
    try gateway.create(
      "/key-sets/kept/keys", ["kid": "kept", "pem": ["private_key": .string(TestCertificates.first.key)]])
    try gateway.create("/vaults", ["name": "env", "prefix": "kept-env", "config": ["prefix": "KEPT_"]])
  }

  private func everything(_ gateway: GatewayProcess) throws -> [String: String] {
    var lists: [String: String] = [:]
    for path in Self.lists { lists[path] = try gateway.admin("GET", path).text }
    return lists
  }

  private func serves(_ gateway: GatewayProcess) throws {
    let connections = try ProxyConnections(gateway)
    let key = [("apikey", "kept-key"), ("x-kept", "2")]
    #expect(try connections.bodies("/kept", headers: key) == ["kept"])
    #expect(try connections.statuses("/kept", headers: [("x-kept", "2")]) == [401])
    #expect(try connections.statuses("/kept", headers: [("apikey", "kept-key")]) == [404])
  }

  @Test func everythingIsThereAfterARestart() throws {
    let origin = try Origin { try $0.respond(body: $0.head["X-Consumer-Username"] ?? "nobody") }
    let first = try GatewayProcess(administered: nil)
    try self.fill(first, port: origin.port)
    try self.serves(first)
    let before = try self.everything(first)
    for (path, text) in before { #expect(!text.hasPrefix("{\"data\":[]"), "\(path)") }
    let node = try first.admin("GET", "/").json["node_id"]
    first.stop()
    #expect(first.exitCode == 0)

    let second = try GatewayProcess(administered: first.folder)
    #expect(try self.everything(second) == before)
    let ttl = try second.admin("GET", "/key-auths/kept-key").json["ttl"].integer ?? 0
    #expect((500...1000).contains(ttl))
    try self.serves(second)
    #expect(try second.admin("GET", "/").json["node_id"] == node)
    expect(
      try second.admin("POST", "/services", .json(["name": "kept", "host": "h"])), 409,
      AdminError.duplicate("name", of: "kept"))
  }

  @Test func whatWasDeletedStaysDeleted() throws {
    let first = try GatewayProcess(administered: nil)
    try first.create("/services", ["name": "gone", "host": "h"])
    try first.create("/services", ["name": "stays", "host": "h"])
    expect(try first.admin("DELETE", "/services/gone"), 204)
    expect(try first.admin("PATCH", "/services/stays", .json(["retries": 1])), 200)
    first.stop()
    let second = try GatewayProcess(administered: first.folder)
    #expect(try second.admin("GET", "/services").data.map { [$0["name"], $0["retries"]] } == [["stays", 1]])
  }
}
