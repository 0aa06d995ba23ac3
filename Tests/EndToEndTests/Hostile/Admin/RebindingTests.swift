// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Names that lead to the loopback address although they are a stranger's (DNS rebinding).
@Suite struct RebindingTests {
  static let own = [
    "localhost", "LOCALHOST", "localhost.", "localhost:8001", "127.0.0.1", "127.0.0.1:1", "127.9.9.9", "[::1]",
    "[::1]:8001", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "api.localhost", "localhost:", "ip6-localhost",
  ]
  static let foreign = [
    "evil.test", "evil.test:8001", "localhost.evil.test", "127.0.0.1.evil.test", "notlocalhost", "xlocalhost",
    "128.0.0.1", "0.0.0.0", "0.0.0.0:8001", "[::]", "[::2]", "10.0.0.1", "2130706433", "127.1", "169.254.169.254",
  ]
  static let malformed = [
    "", "a b", "localhost, evil.test", "evil.test@localhost", "localhost/", "localhost:99999", "localhost:x", "[::1",
    "::1", "http://localhost",
  ]

  private func answer(_ head: String, status: Bool = false) throws -> Response {
    let gateway = try AdminGateway.shared()
    let client = try RawClient(port: status ? gateway.statusPort : gateway.adminPort)
    defer { client.close() }
    try client.send(head + "\r\n\r\n")
    return try client.response()
  }

  @Test(arguments: [false, true]) func loopbackNamesAreTaken(status: Bool) throws {
    for host in Self.own {
      #expect(try self.answer("GET /status HTTP/1.1\r\nHost: \(host)", status: status).status == 200, "\(host)")
    }
  }

  @Test(arguments: [false, true]) func othersAreRefused(status: Bool) throws {
    for host in Self.foreign {
      let answer = try self.answer("GET /status HTTP/1.1\r\nHost: \(host)", status: status)
      #expect(answer.status == 403 && answer.text.contains("admin_allowed_hosts"), "\(host): \(answer.text)")
    }
  }

  @Test func malformedOnesAreBadRequestsThatSaySo() throws {
    for host in Self.malformed {
      let answer = try self.answer("GET /status HTTP/1.1\r\nHost: \(host)")
      #expect(answer.status == 400 && answer.text.contains("400 Bad Request"), "\(host): \(answer.text)")
    }
  }

  @Test func twoHostsOrNoneAreBadRequests() throws {
    for head in [
      "GET /status HTTP/1.1", "GET /status HTTP/1.1\r\nHost: localhost\r\nHost: localhost",
      "GET /status HTTP/1.1\r\nHost: localhost\r\nhost: evil.test", "GET http://localhost/status HTTP/1.1",
      "GET /status HTTP/1.0\r\nHost: localhost\r\nHost: localhost",
    ] {
      let answer = try self.answer(head)
      #expect(answer.status == 400 && !answer.text.isEmpty, "\(head): \(answer.text)")
    }
  }

  @Test func theAuthorityOfATargetCountsInPlaceOfHost() throws {
    #expect(try self.answer("GET http://localhost/status HTTP/1.1\r\nHost: evil.test").status == 200)
    #expect(try self.answer("GET http://evil.test/status HTTP/1.1\r\nHost: localhost").status == 403)
    #expect(try self.answer("GET http://[::1]:8001/status?unit=k HTTP/1.1\r\nHost: localhost").status == 200)
  }

  /// Probes of balancers that speak HTTP/1.0 name no host; browsers cannot leave it out.
  @Test func olderProbesNeedNoHost() throws {
    #expect(try self.answer("GET /status HTTP/1.0").status == 200)
    #expect(try self.answer("GET /status HTTP/1.0\r\nHost: evil.test").status == 403)
  }

  @Test func aPropertyListsMoreNames() throws {
    let gateway = try GatewayProcess(
      administered: nil,
      settings: ["admin_allowed_hosts": "Gate.Example, 10.1.2.3", "admin_listen": "127.0.0.1:@ADMIN@"])
    for host in ["gate.example", "GATE.example.:99", "10.1.2.3", "localhost"] {
      #expect(try gateway.admin("GET", "/", headers: [("Host", host)]).status == 200)
    }
    #expect(try gateway.admin("GET", "/", headers: [("Host", "other.example")]).status == 403)
  }

  @Test func onOpenAddressesAnyNameLeadsHereUnlessSomeAreListed() throws {
    let open = try GatewayProcess(administered: nil, settings: ["admin_listen": "0.0.0.0:@ADMIN@"])
    #expect(try open.admin("GET", "/", headers: [("Host", "gate.example")]).status == 200)
    #expect(try open.admin("GET", "/", headers: [("Origin", "http://evil.test")]).status == 403)
    let listed = try GatewayProcess(
      administered: nil, settings: ["admin_listen": "0.0.0.0:@ADMIN@", "admin_allowed_hosts": "gate.example"])
    #expect(try listed.admin("GET", "/", headers: [("Host", "gate.example")]).status == 200)
    #expect(try listed.admin("GET", "/", headers: [("Host", "evil.test")]).status == 403)
  }
}
