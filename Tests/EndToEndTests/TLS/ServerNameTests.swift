// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Certificates and SNIs over the Admin API, while traffic runs.
@Suite struct ServerNameTests {
  private let gateway: GatewayProcess
  private let authority: TestAuthority

  init() throws {
    self.gateway = try GatewayProcess(administered: nil, settings: ["proxy_listen": "127.0.0.1:@PORT@ ssl"])
    self.authority = try TestAuthority(in: self.gateway.folder)
  }

  /// The common name that is shown to a client asking for this name; nil asks for none.
  private func shown(_ name: String?) throws -> String {
    let option = name.map { "-servername '\($0)'" } ?? "-noservername"
    let result = try Shell.run(
      "openssl s_client -connect 127.0.0.1:\(self.gateway.port) \(option) </dev/null 2>/dev/null "
        + "| openssl x509 -noout -subject -nameopt multiline | sed -n 's/ *commonName *= //p'",
      in: self.gateway.folder.url)
    return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private func add(_ host: String, names: [String], file: String? = nil) throws -> String {
    let issued = try self.authority.issue(host, file: file)
    let reply = try self.gateway.create(
      "/certificates",
      [
        "cert": .string(issued.certificate), "key": .string(issued.key), "snis": .array(names.map { .string($0) }),
      ])
    return try #require(reply.json["id"].string)
  }

  @Test func theNearestNameCounts() throws {
    _ = try self.add("exact.test", names: ["a.example.test"])
    _ = try self.add("below.test", names: ["*.example.test"])
    _ = try self.add("beside.test", names: ["a.example.*"])
    #expect(try self.shown("a.example.test") == "exact.test")
    #expect(try self.shown("A.Example.TEST") == "exact.test")
    #expect(try self.shown("b.example.test") == "below.test")
    #expect(try self.shown("a.example.org") == "beside.test")
    #expect(try self.shown("other.test") == "localhost")
    #expect(try self.shown(nil) == "localhost")
    _ = try self.add("star.test", names: ["*"])
    #expect(try self.shown("other.test") == "star.test")
  }

  @Test func changesHoldWhenTheyAreAnswered() throws {
    let id = try self.add("first.test", names: ["a.test"])
    #expect(try self.shown("a.test") == "first.test")
    let issued = try self.authority.issue("second.test")
    let changed = try self.gateway.admin(
      "PATCH", "/certificates/\(id)", .json(["cert": .string(issued.certificate), "key": .string(issued.key)]))
    expect(changed, 200)
    #expect(try self.shown("a.test") == "second.test")
    expect(try self.gateway.admin("DELETE", "/certificates/\(id)"), 204)
    #expect(try self.shown("a.test") == "localhost")
  }

  @Test func routesCanAskForTheName() throws {
    let origin = try Origin()
    try self.gateway.create("/services", ["name": "s", "url": .string("http://127.0.0.1:\(origin.port)")])
    try self.gateway.create("/services/s/routes", ["name": "r", "protocols": ["https"], "snis": ["only.test"]])
    func status(_ name: String) throws -> String {
      try Shell.run(
        "curl -sk --resolve \(name):\(self.gateway.port):127.0.0.1 https://\(name):\(self.gateway.port)/ "
          + "-o /dev/null -w '%{http_code}'", in: self.gateway.folder.url
      ).output
    }
    #expect(try status("only.test") == "200")
    #expect(try status("other.test") == "404")
  }

  @Test func theAdminAPIIsThereOverTLS() throws {
    let gateway = try GatewayProcess(administered: nil, settings: ["admin_listen": "127.0.0.1:@ADMIN@ ssl"])
    let result = try Shell.run(
      "curl -sk https://127.0.0.1:\(gateway.adminPort)/services -o /dev/null -w '%{http_code}'", in: gateway.folder.url)
    #expect(result.output == "200", "\(result.all)")
  }
}
