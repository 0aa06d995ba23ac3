// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A host and a port as one text: the value of `Host`, the authority of a URL. Written nowhere else.
public enum HostText {
  /// An IPv6 address in brackets, as RFC 3986 section 3.2.2 wants it; any other host as it is.
  public static func bracketed(_ host: String) -> String {
    let bytes = host.utf8
    guard bytes.contains(UInt8(ascii: ":")), bytes.first != UInt8(ascii: "["), IPAddress(host) != nil else {
      return host
    }
    return "[\(host)]"
  }

  /// `host:port`.
  public static func full(_ host: String, port: UInt16) -> String { "\(self.bracketed(host)):\(port)" }

  /// `host`, with the port where it is not the scheme's own (Kong does the same).
  public static func authority(_ host: String, port: UInt16, isEncrypted: Bool) -> String {
    self.isDefault(port, isEncrypted: isEncrypted) ? self.bracketed(host) : self.full(host, port: port)
  }

  /// Whether a URL of the scheme leaves this port out.
  public static func isDefault(_ port: UInt16, isEncrypted: Bool) -> Bool { port == (isEncrypted ? 443 : 80) }

  /// Whether a port stands at the end: `host:80`, `[::1]:80`.
  public static func hasPort(_ authority: String) -> Bool {
    let bytes = authority.utf8
    guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { return false }
    let name = bytes[..<colon]
    return name.last == UInt8(ascii: "]") || !name.contains(UInt8(ascii: ":"))
  }
}
