// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// How the client's address and port are found behind other proxies.
public struct ForwardingSettings: Sendable, Hashable {
  public let trusted: [TrustedAddress]
  /// A header's name, or `proxy_protocol`.
  public let realIPHeader: String
  /// Skip trusted addresses from the right of the header instead of taking the last one.
  public let isRecursive: Bool
  public let portMaps: [PortMap]

  init(_ reader: SettingReader) {
    self.trusted =
      reader.parsed("trusted_ips") { (text) throws(ValueFault) in try TrustedAddress.list(text) } ?? []
    self.realIPHeader = reader.text("nginx_proxy_real_ip_header") ?? "X-Real-IP"
    self.isRecursive = reader.flag("nginx_proxy_real_ip_recursive")
    self.portMaps = reader.parsed("port_maps") { (text) throws(ValueFault) in try PortMap.list(text) } ?? []
  }

  /// The port clients used, for the one they reached.
  public func outsidePort(of inside: UInt16) -> UInt16 {
    self.portMaps.first { $0.inside == inside }?.outside ?? inside
  }
}

/// How names are resolved.
public struct DNSSettings: Sendable, Hashable {
  public enum RecordKind: String, Sendable {
    /// The kind that answered the last time.
    case last = "LAST"
    case srv = "SRV"
    case a = "A"
    case aaaa = "AAAA"
    case cname = "CNAME"
  }

  /// `new_dns_client`
  public let isNewClient: Bool
  /// Empty: those of the system's `resolv.conf`.
  public let nameServers: [NameServer]
  public let hostsFile: String
  public let order: [RecordKind]
  /// Instead of the lifetime in the answers; nil obeys them.
  public let validTTL: Duration?
  /// How long an outdated answer may be used while a new one is fetched.
  public let staleTTL: Duration
  public let notFoundTTL: Duration
  public let errorTTL: Duration
  public let cacheSize: Int

  init(_ reader: SettingReader) {
    let isNew = reader.flag("new_dns_client")
    self.isNewClient = isNew == true
    func name(_ old: String, _ new: String) -> String { isNew ? new : old }
    self.nameServers =
      reader.parsed(name("dns_resolver", "resolver_address")) { (text) throws(ValueFault) in
        try NameServer.list(text)
      } ?? []
    self.hostsFile = reader.text(name("dns_hostsfile", "resolver_hosts_file")) ?? "/etc/hosts"
    self.order = reader.list(name("dns_order", "resolver_family")).compactMap {
      RecordKind(rawValue: $0.uppercased())
    }
    self.validTTL = reader.seconds(name("dns_valid_ttl", "resolver_valid_ttl"))
    self.staleTTL = reader.seconds(name("dns_stale_ttl", "resolver_stale_ttl")) ?? .zero
    self.notFoundTTL = reader.seconds(name("dns_not_found_ttl", "resolver_error_ttl")) ?? .zero
    self.errorTTL = reader.seconds(name("dns_error_ttl", "resolver_error_ttl")) ?? .zero
    self.cacheSize = reader.integer(name("dns_cache_size", "resolver_lru_cache_size"))
  }
}
