// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Glibc

/// `host:port`, the host being an address or a name; IPv6 stands in brackets.
public struct HostAndPort: Sendable, Hashable {
  public enum Host: Sendable, Hashable {
    case ipv4(String)
    case ipv6(String)
    case name(String)
  }

  public let host: Host
  public let port: UInt16

  init(parsing text: String, defaultPort: UInt16? = nil) throws(ValueFault) {
    let (hostText, portText) = try Self.divide(text)
    if let portText {
      guard let port = Scalars.port(portText) else {
        throw ValueFault("'\(portText)' in '\(text)' is not a port from 0 to 65535")
      }
      self.port = port
    } else if let defaultPort {
      self.port = defaultPort
    } else {
      throw ValueFault("'\(text)' has no port; write \(text):8000 or another one")
    }
    self.host = hostText
  }

  private static func divide(_ text: String) throws(ValueFault) -> (Host, Substring?) {
    if text.hasPrefix("[") {
      guard let close = text.firstIndex(of: "]") else { throw ValueFault("'\(text)' lacks the closing bracket") }
      let address = String(text[text.index(after: text.startIndex)..<close])
      guard IPBytes.parse(address)?.count == 16 else { throw ValueFault("'\(address)' is not an IPv6 address") }
      let rest = text[text.index(after: close)...]
      if rest.isEmpty { return (.ipv6(address), nil) }
      guard rest.hasPrefix(":") else { throw ValueFault("'\(text)' needs a colon after the bracket") }
      return (.ipv6(address), rest.dropFirst())
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2 else { throw ValueFault("an IPv6 address such as '\(text)' needs brackets") }
    let host = String(parts[0])
    return (try Self.host(host), parts.count == 2 ? parts[1] : nil)
  }

  private static func host(_ text: String) throws(ValueFault) -> Host {
    if IPBytes.parse(text)?.count == 4 { return .ipv4(text) }
    // Something that looks like four numbers is a mistyped address, not a name.
    let looksNumeric = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
    let isName =
      text == "*"
      || text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
      }
    guard !text.isEmpty, text.utf8.count <= 253, isName, !looksNumeric else {
      throw ValueFault("'\(text)' is neither an IP address nor a host name")
    }
    return .name(text)
  }
}

/// Addresses as bytes.
enum IPBytes {
  /// The 4 or 16 bytes of an address in its usual notation; nil for anything else.
  static func parse(_ text: String) -> [UInt8]? {
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      let bits = UInt32(bigEndian: four.s_addr)
      return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bits >> UInt32($0)) }
    }
    var sixteen = [UInt8](repeating: 0, count: 16)
    // inet_pton writes exactly 16 bytes for AF_INET6.
    return inet_pton(AF_INET6, text, &sixteen) == 1 ? sixteen : nil
  }
}
