// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
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
    self.authorization = Self.userInfo(of: text).map { "Basic \(Base64.standard.encoded(Array($0.utf8)))" }
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
}
