// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `/snis` (facts: entities.md 2).
@Suite struct AdminServerNameTests {
  private typealias Admin = AdminGateway

  private func certificate() throws -> String {
    try Admin.make("/certificates", TestCertificates.body(TestCertificates.second))
  }

  @Test func aServerNameJoinsItsCertificate() throws {
    let id = try self.certificate()
    let reply = try Admin.send(
      "POST", "/snis", .json(["name": "*.joins.test", "certificate": ["id": .string(id)]]))
    expect(reply, 201)
    expect(try Admin.send("GET", "/snis/*.joins.test"), 200, reply.json)
    expect(try Admin.send("GET", "/snis/\(reply.id)"), 200, reply.json)
    #expect(try Admin.send("GET", "/certificates/\(id)").json["snis"] == ["*.joins.test"])
    let nested = try Admin.send("POST", "/certificates/\(id)/snis", .json(["name": "nested.joins.test"]))
    expect(nested, 201)
    #expect(try Admin.send("GET", "/certificates/\(id)").json["snis"] == ["*.joins.test", "nested.joins.test"])
    expect(try Admin.send("DELETE", "/snis/*.joins.test"), 204)
    #expect(try Admin.send("GET", "/certificates/\(id)").json["snis"] == ["nested.joins.test"])
  }

  @Test func bothFieldsAreNeeded() throws {
    expect(
      try Admin.send("POST", "/snis", .json([:])), 400,
      AdminError.violation(
        "2 schema violations (certificate: required field missing; name: required field missing)",
        ["certificate": "required field missing", "name": "required field missing"]))
    expect(
      try Admin.send("POST", "/snis", .json(["name": "x.test", "certificate": ["id": .string(Unknown.id)]])), 400,
      AdminError.unknownReference("certificate", Unknown.id, "certificates"))
  }

  @Test(arguments: [
    ("1.2.3.4", "must not be an IP"), ("a.test:80", "must not have a port"),
    ("a.*.test", "wildcard must be leftmost or rightmost character"),
    ("*.a.*", "only one wildcard must be specified"),
  ]) func badNameIsRefused(name: String, message: String) throws {
    let body: JSON = ["name": .string(name), "certificate": ["id": .string(try self.certificate())]]
    expect(try Admin.send("POST", "/snis", .json(body)), 400, AdminError.violation("name", message))
  }

  @Test func nameIsUnique() throws {
    let body: JSON = ["name": "unique-sni.test", "certificate": ["id": .string(try self.certificate())]]
    expect(try Admin.send("POST", "/snis", .json(body)), 201)
    expect(try Admin.send("POST", "/snis", .json(body)), 409, AdminError.duplicate("name", of: "unique-sni.test"))
  }

  @Test func theCertificateIsNotReachedThroughItsName() throws {
    try Admin.make("/snis", ["name": "closed.test", "certificate": ["id": .string(try self.certificate())]])
    for method in ["GET", "PUT", "PATCH", "DELETE"] {
      expect(try Admin.send(method, "/snis/closed.test/certificate"), 404, AdminError.notFound)
    }
  }
}
