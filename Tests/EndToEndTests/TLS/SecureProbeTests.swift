// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Health checks of type `https`.
@Suite struct SecureProbeTests {
  /// One target has a certificate that is right, one has one that nobody vouches for.
  @Test func aTargetIsHealthyWhereItsCertificateIsRight() throws {
    let folder = try TemporaryFolder()
    let authority = try TestAuthority(in: folder)
    let right = try SecureNginx(try authority.issue("pool.test"))
    let wrong = try SecureNginx(try TestAuthority("stranger", in: folder).issue("pool.test"))
    let gateway = try GatewayProcess(
      administered: nil, settings: ["lua_ssl_trusted_certificate": authority.file.path])
    let checks: JSON = [
      "type": "https", "https_sni": "pool.test", "healthy": ["interval": 0.2, "successes": 1],
      "unhealthy": ["interval": 0.2, "tcp_failures": 1],
    ]
    try gateway.create("/upstreams", ["name": "pool.test", "healthchecks": ["active": checks]])
    for server in [right, wrong] {
      try gateway.create("/upstreams/pool.test/targets", ["target": .string("127.0.0.1:\(server.port)")])
    }
    func health(_ server: SecureNginx) throws -> String? {
      try gateway.admin("GET", "/upstreams/pool.test/health").data
        .first { $0["target"].string == "127.0.0.1:\(server.port)" }?["health"].string
    }
    try Deadline.wait(for: "the wrong one to be out") { try health(wrong) == "UNHEALTHY" }
    #expect(try health(right) == "HEALTHY")
    try gateway.waitForLog("the certificate of the server was not accepted")
    // Where certificates are not verified, it comes back.
    let changed: JSON = ["healthchecks": ["active": checks.with(["https_verify_certificate": false])]]
    #expect(try gateway.admin("PATCH", "/upstreams/pool.test", .json(changed)).status == 200)
    try Deadline.wait(for: "the wrong one to be back") { try health(wrong) == "HEALTHY" }
  }
}
