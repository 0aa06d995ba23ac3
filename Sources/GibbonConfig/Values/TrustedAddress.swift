// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Whose forwarded headers are believed.
public enum TrustedAddress: Sendable, Hashable {
  /// Every peer on a Unix domain socket.
  case unixSockets
  /// 4 or 16 bytes in network order, of which the first `prefixLength` bits count.
  case network(bytes: [UInt8], prefixLength: Int)

  static func list(_ text: String) throws(ValueFault) -> [TrustedAddress] {
    var addresses: [TrustedAddress] = []
    for item in ListText.items(text) { addresses.append(try TrustedAddress(parsing: item)) }
    return addresses
  }

  init(parsing text: String) throws(ValueFault) {
    if text == "unix:" {
      self = .unixSockets
      return
    }
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let bytes = IPBytes.parse(String(first)) else {
      throw ValueFault("'\(text)' is not an IP address, a CIDR block or unix:")
    }
    var prefixLength = bytes.count * 8
    if parts.count == 2 {
      guard Scalars.isDigits(parts[1]), let length = Int(parts[1]), length <= prefixLength else {
        throw ValueFault("'\(text)' needs a prefix length from 0 to \(prefixLength) after the slash")
      }
      prefixLength = length
    }
    self = .network(bytes: bytes, prefixLength: prefixLength)
  }
}

/// A name server to ask.
public struct NameServer: Sendable, Hashable {
  /// Without brackets.
  public let address: String
  public let port: UInt16

  static func list(_ text: String) throws(ValueFault) -> [NameServer] {
    var servers: [NameServer] = []
    for item in ListText.items(text) {
      // A bare IPv6 address is unambiguous here, since the port is optional.
      if IPBytes.parse(item)?.count == 16 {
        servers.append(NameServer(address: item, port: 53))
        continue
      }
      let place = try HostAndPort(parsing: item, defaultPort: 53)
      switch place.host {
      case .ipv4(let address), .ipv6(let address): servers.append(NameServer(address: address, port: place.port))
      case .name(let name): throw ValueFault("'\(name)' is not an IP address")
      }
    }
    return servers
  }
}

/// The port that clients see, for one that the gateway listens on.
public struct PortMap: Sendable, Hashable {
  public let outside: UInt16
  public let inside: UInt16

  static func list(_ text: String) throws(ValueFault) -> [PortMap] {
    var maps: [PortMap] = []
    for item in ListText.items(text) {
      let parts = item.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let outside = Scalars.port(parts[0]), let inside = Scalars.port(parts[1]) else {
        throw ValueFault("'\(item)' is not a pair of ports such as 80:8000")
      }
      maps.append(PortMap(outside: outside, inside: inside))
    }
    return maps
  }
}

/// A label of a data plane node.
public struct Label: Sendable, Hashable {
  public let key: String
  public let value: String

  static func list(_ text: String) throws(ValueFault) -> [Label] {
    var labels: [Label] = []
    for item in ListText.items(text) {
      let parts = item.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts.allSatisfy(Self.isAllowed) else {
        throw ValueFault("'\(item)' is not a key:value pair of letters, digits, '-', '_' and '.', 63 at most each")
      }
      labels.append(Label(key: String(parts[0]), value: String(parts[1])))
    }
    guard labels.count <= 10 else { throw ValueFault("10 labels at most") }
    return labels
  }

  private static func isAllowed(_ text: Substring) -> Bool {
    text.utf8.count <= 63
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
      }
  }
}
