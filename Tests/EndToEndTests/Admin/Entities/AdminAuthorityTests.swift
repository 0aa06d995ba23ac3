// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `/ca_certificates` (facts: entities.md 2).
@Suite struct AdminAuthorityTests {
  private typealias Admin = AdminGateway

  @Test func anAuthorityStandsOnce() throws {
    let body: JSON = ["cert": .string(TestCertificates.first.certificate)]
    let reply = try Admin.send("POST", "/ca_certificates", .json(body))
    expect(reply, 201)
    #expect(reply.json["cert"] == body["cert"])
    let digest = try #require(reply.json["cert_digest"].string)
    #expect(digest.utf8.count == 64)
    expect(try Admin.send("GET", "/ca_certificates/\(reply.id)"), 200, reply.json)
    expect(
      try Admin.send("POST", "/ca_certificates", .json(body)), 409, AdminError.duplicate("cert_digest", of: digest))
    expect(try Admin.send("DELETE", "/ca_certificates/\(reply.id)"), 204)
    expect(try Admin.send("POST", "/ca_certificates", .json(body)), 201)
  }

  @Test func anAuthorityInUseIsKept() throws {
    let id = try Admin.make("/ca_certificates", ["cert": .string(TestCertificates.second.certificate)])
    let service = try Admin.make("/services", ["url": "https://h", "ca_certificates": [.string(id)]])
    expect(
      try Admin.send("DELETE", "/ca_certificates/\(id)"), 400,
      [
        "code": 19, "name": "referenced by others",
        "message": "ca certificate \(id) is still referenced by services (id = \(service))",
      ])
    expect(try Admin.send("DELETE", "/services/\(service)"), 204)
    expect(try Admin.send("DELETE", "/ca_certificates/\(id)"), 204)
  }

  @Test func badCertificatesAreRefused() throws {
    expect(
      try Admin.send("POST", "/ca_certificates", .json([:])), 400,
      AdminError.violation("cert", "required field missing"))
    let reply = try Admin.send("POST", "/ca_certificates", .json(["cert": "no PEM"]))
    expect(reply, 400)
    #expect(reply.json["fields"]["cert"].string?.hasPrefix("invalid certificate") == true)
    let two = TestCertificates.first.certificate + TestCertificates.second.certificate
    let message = "please submit only one certificate at a time"
    expect(
      try Admin.send("POST", "/ca_certificates", .json(["cert": .string(two)])), 400,
      AdminError.violation("schema violation (\(message))", ["@entity": [.string(message)]]))
  }

  @Test func thereIsNoNameToGoBy() throws {
    for method in ["GET", "PUT", "PATCH", "DELETE"] {
      expect(
        try Admin.send(method, "/ca_certificates/by-name", .json(["tags": []])), 400, AdminError.invalidPrimaryKey)
    }
    expect(try Admin.send("GET", "/ca_certificates/\(Unknown.id)"), 404, AdminError.notFound)
  }
}
