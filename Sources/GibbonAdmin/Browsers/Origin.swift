// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Where a page comes from: scheme, host and port (RFC 6454).
struct Origin: Sendable, Hashable {
  let text: String

  /// The origin of an absolute URL, such as the address of the web manager; what follows host and port does not count,
  /// nor does a default port. nil for what is no such URL, and so for `null`.
  init?(_ url: String) { self.init(url, isWhole: false) }

  /// The value of an `Origin` field, in which nothing follows host and port.
  init?(field value: String) { self.init(value, isWhole: true) }

  private init?(_ text: String, isWhole: Bool) {
    let bytes = Array(text.utf8)
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0, bytes[colon...].starts(with: "://".utf8)
    else { return nil }
    let scheme = String(decoding: bytes[..<colon].map(\.asciiLowercased), as: UTF8.self)
    let rest = bytes[(colon + 3)...]
    let end = rest.firstIndex(where: Self.endsAuthority) ?? rest.endIndex
    guard !isWhole || end == rest.endIndex, let authority = Authority(rest[..<end]) else { return nil }
    let port = authority.port.flatMap { $0 == Self.defaultPort(scheme) ? nil : $0 }
    self.text = "\(scheme)://\(authority.host)" + (port.map { ":\($0)" } ?? "")
  }

  private static func endsAuthority(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
  }

  private static func defaultPort(_ scheme: String) -> Int? {
    switch scheme {
    case "http": 80
    case "https": 443
    default: nil
    }
  }
}

/// A host with its port, compared as hosts are: letters in lower case, no dot at the end.
struct Authority: Sendable, Hashable {
  /// An IPv6 address has its brackets.
  let host: String
  let port: Int?

  /// nil for what is no `host [ ":" port ]`.
  init?(_ bytes: some Collection<UInt8>) {
    let bytes = bytes.map(\.asciiLowercased)
    var end = bytes.endIndex
    var isBracketed = false
    if bytes.first == UInt8(ascii: "[") {
      guard let close = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
      end = close + 1
      isBracketed = true
    } else if let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
      end = colon
    }
    var host = bytes[..<end]
    if host.last == UInt8(ascii: "."), !isBracketed { host = host.dropLast() }
    guard !host.isEmpty, host.allSatisfy(isBracketed ? Self.isInLiteral : Self.isInName) else { return nil }
    self.host = String(decoding: host, as: UTF8.self)
    let rest = bytes[end...]
    guard let colon = rest.first else {
      self.port = nil
      return
    }
    let digits = rest.dropFirst()
    guard colon == UInt8(ascii: ":"), digits.count <= 5, digits.allSatisfy(\.isASCIIDigit) else { return nil }
    let port = digits.reduce(0) { $0 * 10 + Int($1 &- 0x30) }
    guard port < 65536 else { return nil }
    self.port = digits.isEmpty ? nil : port
  }

  init?(_ text: String) { self.init(text.utf8) }

  /// The host is this machine whatever a name server says: `localhost` and what is below it (RFC 6761), the names that
  /// systems give it in their `hosts` files, and addresses that lead back.
  var isLoopback: Bool {
    if Self.names.contains(self.host) { return true }
    let bytes = Array(self.host.utf8)
    if bytes.suffix(10).elementsEqual(".localhost".utf8) { return true }
    let address = bytes.first == UInt8(ascii: "[") ? bytes.dropFirst().dropLast() : bytes[...]
    return IPAddress(String(decoding: address, as: UTF8.self))?.isLoopback ?? false
  }

  private static let names: Set<String> = ["localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"]

  private static func isInLiteral(_ byte: UInt8) -> Bool {
    byte.hexDigitValue != nil || "[]:.".utf8.contains(byte)
  }

  private static func isInName(_ byte: UInt8) -> Bool {
    byte.isASCIILetter || byte.isASCIIDigit || "-._".utf8.contains(byte)
  }
}

extension IPAddress {
  private static let loopbacks = ["127.0.0.0/8", "::1/128"].compactMap { AddressBlock($0) }

  /// 127.0.0.0/8, ::1, and the former as an IPv6 address.
  var isLoopback: Bool { Self.loopbacks.contains { $0.contains(self) } }
}
