// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Services behind TLS; nginx is the service.
@Suite struct SecureServiceTests {
  private let folder: TemporaryFolder
  private let authority: TestAuthority

  init() throws {
    self.folder = try TemporaryFolder()
    self.authority = try TestAuthority(in: self.folder)
  }

  private func gateway(_ fields: JSON, settings: [String: String] = [:], _ others: JSON = [:]) throws -> GatewayProcess
  {
    var service = fields.object
    service["name"] = "s"
    service["routes"] = [["name": "r", "paths": ["/"]]]
    var file = others.object
    file["_format_version"] = "3.0"
    file["services"] = [.object(service)]
    return try GatewayProcess(
      JSON.object(file).text, settings: ["nginx_worker_processes": "1"].merging(settings) { _, given in given })
  }

  private func url(_ server: SecureNginx, _ host: String = "localhost") -> JSON {
    .string("https://\(host):\(server.port)/")
  }

  private func ca(_ id: String, _ authority: TestAuthority) -> JSON {
    ["ca_certificates": [["id": .string(id), "cert": .string(authority.certificate)]]]
  }

  private static let id = "f6b2c7f0-31b9-4b4c-9d0f-0e7f2d1a5b11"

  @Test func aServiceIsSpokenToByItsHost() throws {
    let server = try SecureNginx(try self.authority.issue("localhost"))
    let gateway = try self.gateway(["url": self.url(server)])
    let first = try gateway.get()
    #expect(first.text == "verify=NONE name=localhost reused=. host=localhost:\(server.port)")
    // The connection is used again.
    #expect(try gateway.get().text == first.text)
  }

  @Test func aReloadKeepsConnections() throws {
    let server = try SecureNginx(
      try self.authority.issue("localhost"), "location = /count { return 200 $connection; }")
    let gateway = try self.gateway(["url": self.url(server)])
    let before = try gateway.get("/count").text
    #expect(try gateway.command("reload").exitCode == 0)
    #expect(try gateway.get("/count").text == before)
  }

  @Test func sessionsAreResumed() throws {
    let server = try SecureNginx(try self.authority.issue("localhost"), "keepalive_timeout 0;")
    let gateway = try self.gateway(["url": self.url(server)])
    _ = try gateway.get()
    try Deadline.wait(for: "a session that is resumed") { try gateway.get().text.contains("reused=r") }
  }

  @Test func whatIsVerifiedIsRight() throws {
    let server = try SecureNginx(try self.authority.issue("localhost"))
    let gateway = try self.gateway(
      ["url": self.url(server), "tls_verify": true, "ca_certificates": [.string(Self.id)]],
      self.ca(Self.id, self.authority))
    #expect(try gateway.get().status == 200)
  }

  @Test func anAddressIsVerifiedToo() throws {
    let server = try SecureNginx(try self.authority.issue("127.0.0.1"))
    let gateway = try self.gateway(
      ["url": self.url(server, "127.0.0.1"), "tls_verify": true],
      settings: ["lua_ssl_trusted_certificate": self.authority.file.path])
    #expect(try gateway.get().text.contains("name= "))
  }

  @Test func whoSignedItMustBeKnown() throws {
    let server = try SecureNginx(try self.authority.issue("localhost"))
    let other = try TestAuthority("other", in: self.folder)
    let gateway = try self.gateway(
      ["url": self.url(server), "tls_verify": true, "ca_certificates": [.string(Self.id)]], self.ca(Self.id, other))
    #expect(try gateway.get().status == 502)
    try gateway.waitForLog("its issuer (CN=authority) is neither among the trusted authorities nor sent")
  }

  @Test(arguments: [("other.test", 2, "it is for another name"), ("localhost", -1, "has expired")])
  func theNameAndTheTimeMustBeRight(name: String, days: Int, reason: String) throws {
    let server = try SecureNginx(try self.authority.issue(name, days: days))
    let gateway = try self.gateway(
      ["url": self.url(server), "tls_verify": true], settings: ["lua_ssl_trusted_certificate": self.authority.file.path]
    )
    #expect(try gateway.get().status == 502)
    try gateway.waitForLog("the certificate of the server was not accepted")
    try gateway.waitForLog(reason)
    // Without verification it serves.
    #expect(try self.gateway(["url": self.url(server)]).get().status == 200)
  }

  @Test func aServiceWithoutTLSIsTold() throws {
    let plain = try GatewayProcess("_format_version: \"3.0\"\n")
    let gateway = try self.gateway(["url": .string("https://127.0.0.1:\(plain.port)/"), "retries": 0])
    #expect(try gateway.get().status == 502)
    try gateway.waitForLog("while SSL handshaking to upstream")
    try gateway.waitForLog("does not speak TLS")
  }

  @Test func aServiceMayAskForACertificate() throws {
    let server = try SecureNginx(
      try self.authority.issue("localhost"), "ssl_verify_client on; ssl_client_certificate \(self.authority.file.path);"
    )
    let client = try self.authority.issue("client.test")
    let certificates: JSON = [
      "certificates": [["id": .string(Self.id), "cert": .string(client.certificate), "key": .string(client.key)]]
    ]
    #expect(try self.gateway(["url": self.url(server)]).get().status == 400)
    let gateway = try self.gateway(
      ["url": self.url(server), "client_certificate": .object(["id": .string(Self.id)])], certificates)
    #expect(try gateway.get().text.hasPrefix("verify=SUCCESS "))
    let own = try self.gateway(
      ["url": self.url(server)],
      settings: [
        "client_ssl": "on", "client_ssl_cert": client.certificateFile.path, "client_ssl_cert_key": client.keyFile.path,
      ])
    #expect(try own.get().text.hasPrefix("verify=SUCCESS "))
  }

  @Test func anUpstreamOfSecureTargetsIsBalanced() throws {
    let servers = try (0..<2).map { _ in try SecureNginx(try self.authority.issue("pool.test", file: "pool")) }
    let gateway = try self.gateway(
      ["url": "https://pool.test/", "tls_verify": true],
      settings: ["lua_ssl_trusted_certificate": self.authority.file.path],
      [
        "upstreams": [
          [
            "name": "pool.test", "host_header": "pool.test",
            "targets": .array(servers.map { ["target": .string("127.0.0.1:\($0.port)")] }),
          ]
        ]
      ])
    let texts = Set(try (0..<4).map { _ in try gateway.get().text })
    #expect(texts.count == 2 && texts.allSatisfy { $0.contains("name=pool.test") }, "\(texts)")
  }

  /// With `preserve_host` the client chooses the name: one that the certificate is not for must not take a target out.
  @Test func aClientsHostTakesNoTargetOut() throws {
    let server = try SecureNginx(try self.authority.issue("pool.test"))
    let gateway = try GatewayProcess(
      administered: nil,
      declarative: """
        _format_version: "3.0"
        upstreams:
        - name: pool.test
          healthchecks: {passive: {unhealthy: {tcp_failures: 1, http_failures: 1, timeouts: 1}}}
          targets: [{target: "127.0.0.1:\(server.port)"}]
        services:
        - {name: s, url: "https://pool.test/", tls_verify: true, routes: [{name: r, paths: [/], preserve_host: true}]}
        """, settings: ["lua_ssl_trusted_certificate": self.authority.file.path])
    for host in ["evil.test", String(repeating: "a", count: 300)] {
      #expect(try gateway.get(headers: [("Host", host)]).status == 502)
      let health = try gateway.admin("GET", "/upstreams/pool.test/health").data.first?["health"]
      #expect(health == "HEALTHY", "\(host)")
    }
    #expect(try gateway.get(headers: [("Host", "pool.test")]).status == 200)
  }
}
