// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonConfig

@Suite struct PropertyTableTests {
  /// Where Gibbon's default differs, on purpose.
  private static let differences: [String: String?] = [
    "prefix": nil,  // chosen by what is writable
    "database": "sqlite",  // needs no server
    "anonymous_reports": "off",  // there are none
  ]

  @Test func kongHas209Properties() {
    #expect(KongProperties.all.count == 209)
    #expect(Set(KongProperties.all.map(\.name)).count == 209)
  }

  @Test(arguments: KongProperties.all.map(\.name))
  func everyPropertyOfKongExistsWithItsDefault(_ name: String) throws {
    let property = try #require(PropertyTable.property(named: name))
    let kong = KongProperties.all.first { $0.name == name }?.value
    #expect(property.defaultText == Self.differences[name] ?? kong)
  }

  @Test func namesAreUnique() {
    #expect(Set(PropertyTable.all.map(\.name)).count == PropertyTable.all.count)
  }

  @Test(arguments: PropertyTable.all.map(\.name))
  func everyRowIsConsistent(_ name: String) throws {
    let property = try #require(PropertyTable.property(named: name))
    if let text = property.defaultText { #expect(property.type.fault(in: text) == nil) }
    if let text = property.valueWhenRemoved, case .flag = property.type { #expect(Scalars.flag(text) != nil) }
    #expect(property.text.hasSuffix(".") || property.text.hasSuffix("`."))
    for target in property.feeds {
      let fed = try #require(PropertyTable.property(named: target))
      #expect(fed.feeds.isEmpty, "a chain of properties that take over values")
    }
  }

  @Test(arguments: ["pg_password", "pg_ro_password", "proxy_server", "declarative_config_string", "cluster_cert_key"])
  func secretsAreSensitive(_ name: String) throws {
    #expect(try #require(PropertyTable.property(named: name)).isSensitive)
  }

  @Test func everyKeyOfACertificateIsSensitive() {
    for property in PropertyTable.all where property.name.hasSuffix("_cert_key") {
      #expect(property.isSensitive, "\(property.name)")
    }
  }

  @Test(arguments: [
    "contact_points", "keyspace", "port", "consistency", "repl_strategy", "repl_factor", "data_centers", "username",
    "password", "ssl", "ssl_verify", "timeout", "lb_policy", "local_datacenter", "schema_consensus_timeout",
  ])
  func cassandraHasKongsOldNames(_ name: String) {
    #expect(PropertyTable.property(named: "cassandra_" + name) != nil)
  }
}
