// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema

/// The URL of a log server, taken apart as Kong does: a query is not sent.
struct LogEndpoint: Sendable, Hashable {
  /// Scheme, host, port and path.
  let url: String
  /// `host:port`, for messages.
  let words: String
  /// `Basic …`, when the URL has a user.
  let authorization: String?

  /// - Throws: `SendFailure` for a URL that logs cannot be sent to.
  init(_ text: String) throws {
    let parts = URLParts(text)
    guard let scheme = parts.scheme?.lowercased(), scheme == "http" || scheme == "https" else {
      throw SendFailure("http_endpoint: the scheme must be http or https")
    }
    guard let host = parts.host, !host.isEmpty else { throw SendFailure("http_endpoint: missing host in url") }
    let port = parts.port.map { Int($0) } ?? (scheme == "https" ? 443 : 80)
    guard let port, (1...65535).contains(port) else { throw SendFailure("http_endpoint: invalid port") }
    let name = host.contains(":") ? "[\(host)]" : host
    self.words = "\(name):\(port)"
    self.url = "\(scheme)://\(name):\(port)\(Self.escaped(parts.path ?? "/"))"
    self.authorization = Self.userInfo(of: text).map { "Basic \(Self.base64(Array($0.utf8)))" }
  }

  /// What stands before an `@` in the authority.
  static func userInfo(of text: String) -> String? {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    var rest = text[text.index(after: colon)...]
    guard rest.hasPrefix("//") else { return nil }
    rest = rest.dropFirst(2)
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != ";" && $0 != "#" }
    return authority.lastIndex(of: "@").map { String(authority[..<$0]) }
  }

  /// Bytes that no URL may have, percent-encoded.
  private static func escaped(_ path: String) -> String {
    var text = path.hasPrefix("/") ? "" : "/"
    for byte in path.utf8 {
      if byte <= 0x20 || byte >= 0x7F || "\"<>\\^`{|}".utf8.contains(byte) {
        let hex = String(byte, radix: 16, uppercase: true)
        text += hex.utf8.count == 1 ? "%0\(hex)" : "%\(hex)"
      } else {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      }
    }
    return text
  }

  // MARK: Base64 (RFC 4648 section 4)

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func base64(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0..<4 {
        text.append(place <= group.count ? self.alphabet[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
