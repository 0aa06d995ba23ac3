// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonPluginAPI
import GibbonSchema
import Testing

@testable import GibbonPlugins

@Suite struct IPRestrictionTests {
  private static func decide(_ config: JSONValue, from address: String?) throws -> String {
    let request = try FakeRequest()
    request.clientAddress = address.flatMap { IPAddress($0) }
    return words(try instance(IPRestrictionPlugin.self, config).access(request.context))
  }

  @Test(
    arguments: [
      (["allow": ["10.0.0.0/8"]], "10.1.2.3", "next"),
      (["allow": ["10.0.0.0/8"]], "11.1.2.3", "403 IP address not allowed: 11.1.2.3"),
      (["deny": ["10.0.0.0/8"]], "11.1.2.3", "next"),
      (["deny": ["10.1.2.3"]], "10.1.2.3", "403 IP address not allowed: 10.1.2.3"),
      (["allow": ["10.0.0.0/8"], "deny": ["10.1.0.0/16"]], "10.1.2.3", "403 IP address not allowed: 10.1.2.3"),
      (["allow": ["10.0.0.0/8"], "deny": ["10.1.0.0/16"]], "10.2.2.3", "next"),
      (["allow": ["fe80::/10"]], "fe80::1", "next"),
      (["allow": ["fe80::/10"]], "2001:db8::1", "403 IP address not allowed: 2001:db8::1"),
      (["deny": ["10.0.0.0/8"]], "::ffff:10.1.2.3", "403 IP address not allowed: ::ffff:10.1.2.3"),
      (["deny": ["0.0.0.0/0"], "status": 404, "message": "gone"], "10.1.2.3", "404 gone"),
    ] as [(JSONValue, String, String)])
  func addressesAreLetInOrNot(config: JSONValue, address: String, expected: String) throws {
    #expect(try Self.decide(config, from: address) == expected)
  }

  @Test func aClientWithoutAddressStaysOutside() throws {
    #expect(try Self.decide(["deny": ["10.0.0.1"]], from: nil).hasPrefix("403 Cannot identify"))
  }

  @Test func badConfigurationsAreRefused() {
    #expect(outcome("ip-restriction", [:]).contains("at least one of these fields must be non-empty"))
    #expect(outcome("ip-restriction", ["allow": ["10.0.0.0/33"]]).contains("invalid ip or cidr range: '10.0.0.0/33'"))
    #expect(outcome("ip-restriction", ["allow": ["10.0.0.1"], "status": 99]).contains("between 100 and 599"))
  }

  @Test func itIsForStreamsToo() throws {
    let entity = try validate("ip-restriction", ["allow": ["10.0.0.1"]]).get()
    #expect(entity["protocols"]?.description == #"["http","https","tcp","tls","grpc","grpcs"]"#)
  }
}
