// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `/certificates` and `/snis` (the notes on certificates).
@Suite struct AdminCertificateTests {
  private typealias Admin = AdminGateway
  private let pair = TestCertificates.body(TestCertificates.first)

  private func make(_ names: String...) throws -> AdminReply {
    let reply = try Admin.send(
      "POST", "/certificates", .json(TestCertificates.body(TestCertificates.first, snis: names)))
    expect(reply, 201)
    return reply
  }

  @Test func aCertificateListsItsServerNames() throws {
    let reply = try self.make("b.list.test", "a.list.test")
    #expect(
      reply.json.without("id", "created_at", "updated_at")
        == self.pair.with(["cert_alt": nil, "key_alt": nil, "tags": nil, "snis": ["a.list.test", "b.list.test"]]))
    for id in [reply.id, "a.list.test", "b.list.test"] {
      expect(try Admin.send("GET", "/certificates/\(id)"), 200, reply.json)
    }
    let sni = try Admin.send("GET", "/snis/a.list.test")
    expect(sni, 200)
    #expect(
      sni.json.without("id", "created_at", "updated_at") == [
        "name": "a.list.test", "tags": nil, "certificate": ["id": .string(reply.id)],
      ])
    for id in [reply.id, "a.list.test"] {
      let names = try Admin.send("GET", "/certificates/\(id)/snis").data.map { $0["name"].string ?? "" }
      #expect(names.sorted() == ["a.list.test", "b.list.test"])
    }
    #expect(try self.make().json["snis"] == [])
  }

  @Test func badCertificatesAreRefused() throws {
    expect(
      try Admin.send("POST", "/certificates", .json([:])), 400,
      AdminError.violation(
        "2 schema violations (cert: required field missing; key: required field missing)",
        ["cert": "required field missing", "key": "required field missing"]))
    for field in ["cert", "key"] {
      let reply = try Admin.send("POST", "/certificates", .json(self.pair.with([field: "no PEM"])))
      expect(reply, 400)
      #expect(
        reply.json["fields"][field].string?.hasPrefix("invalid \(field == "cert" ? "certificate" : "key")") == true)
    }
    let message = "all or none of these fields must be set: 'cert_alt', 'key_alt'"
    expect(
      try Admin.send("POST", "/certificates", .json(self.pair.with(["cert_alt": self.pair["cert"]]))), 400,
      AdminError.violation("schema violation (\(message))", ["@entity": [.string(message)]]))
  }

  @Test func serverNamesBelongToOneCertificate() throws {
    let owner = try self.make("owned.test").id
    let message = "owned.test already associated with existing certificate '\(owner)'"
    expect(
      try Admin.send("POST", "/certificates", .json(self.pair.with(["snis": ["new.test", "owned.test"]]))), 400,
      AdminError.violation("snis", message))
    expect(try Admin.send("GET", "/snis/new.test"), 404, AdminError.notFound)
    expect(
      try Admin.send("POST", "/certificates", .json(self.pair.with(["snis": ["d.test", "d.test"]]))), 400,
      AdminError.violation("snis", "d.test is duplicated"))
    expect(
      try Admin.send("POST", "/certificates", .json(["snis": ["d.test", "d.test"]])), 400,
      AdminError.violation("snis", "d.test is duplicated"))
    expect(
      try Admin.send("POST", "/certificates", .json(self.pair.with(["snis": ["1.2.3.4"]]))), 400,
      ["code": 10, "name": "invalid unique name", "message": "must not be an IP"])
    expect(
      try Admin.send("POST", "/certificates", .json(self.pair.with(["snis": "text.test"]))), 400,
      AdminError.violation("snis", "expected an array"))
  }

  @Test func patchKeepsReplacesOrClearsTheNames() throws {
    let id = try self.make("p1.test", "p2.test").id
    let kept = try Admin.send("PATCH", "/certificates/p1.test", .json(["tags": ["t"]]))
    expect(kept, 200)
    #expect(kept.json["snis"] == ["p1.test", "p2.test"])
    let replaced = try Admin.send("PATCH", "/certificates/\(id)", .json(["snis": ["p2.test", "p3.test"]]))
    expect(replaced, 200)
    #expect(replaced.json["snis"] == ["p2.test", "p3.test"])
    expect(try Admin.send("GET", "/snis/p1.test"), 404, AdminError.notFound)
    #expect(try Admin.send("PATCH", "/certificates/\(id)", .json(["snis": "p4.test"])).json["snis"] == ["p4.test"])
    let cleared = try Admin.send("PATCH", "/certificates/\(id)", .json(["snis": nil]))
    expect(cleared, 200)
    #expect(cleared.json["snis"] == [])
  }

  @Test func putReplacesTheNamesAndKeepsThatOfThePath() throws {
    let id = try self.make("put1.test", "put2.test").id
    let cleared = try Admin.send("PUT", "/certificates/\(id)", .json(self.pair))
    expect(cleared, 200)
    #expect(cleared.json["snis"] == [])
    let made = try Admin.send("PUT", "/certificates/new-put.test", .json(self.pair.with(["snis": ["more.test"]])))
    expect(made, 200)
    #expect(made.json["snis"] == ["more.test", "new-put.test"])
    let again = try Admin.send("PUT", "/certificates/more.test", .json(self.pair.with(["snis": ["more.test"]])))
    expect(again, 200)
    #expect(again.json["snis"] == ["more.test"])
    #expect(again.id == made.id)
  }

  @Test func unknownCertificatesAreNotFound() throws {
    let unknown: JSON = ["message": "SNI not found"]
    for (method, body) in [("GET", AdminBody.none), ("PATCH", .json(["tags": ["t"]])), ("DELETE", .none)] {
      expect(try Admin.send(method, "/certificates/nowhere.test", body), 404, unknown)
    }
    expect(try Admin.send("GET", "/certificates/nowhere.test/snis"), 404, unknown)
    expect(try Admin.send("GET", "/certificates/\(Unknown.id)"), 404, AdminError.missing(id: Unknown.id))
    expect(
      try Admin.send("PATCH", "/certificates/\(Unknown.id)", .json([:])), 404, AdminError.missing(id: Unknown.id))
    expect(try Admin.send("DELETE", "/certificates/\(Unknown.id)"), 204)
    for path in ["services", "upstreams"] {
      expect(try Admin.send("GET", "/certificates/nowhere.test/\(path)"), 400, AdminError.invalidPrimaryKey)
    }
  }

  @Test func aCertificateInUseIsKeptWithItsNames() throws {
    let id = try self.make("in-use.test").id
    let service = try Admin.make(
      "/services", ["url": "https://h", "client_certificate": ["id": .string(id)]])
    #expect(try Admin.send("GET", "/certificates/\(id)/services").data.map { $0["id"] } == [.string(service)])
    expect(
      try Admin.send("DELETE", "/certificates/\(id)"), 400, AdminError.referenced(by: "services", "certificates"))
    #expect(try Admin.send("GET", "/certificates/\(id)").json["snis"] == ["in-use.test"])
    expect(try Admin.send("DELETE", "/services/\(service)"), 204)
    expect(try Admin.send("DELETE", "/certificates/in-use.test"), 204)
    expect(try Admin.send("GET", "/snis/in-use.test"), 404, AdminError.notFound)
  }
}
