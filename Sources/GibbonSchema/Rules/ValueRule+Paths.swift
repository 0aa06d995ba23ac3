// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

extension ValueRule {
  /// The characters of RFC 3986 paths, correctly escaped.
  public static let path = ValueRule("path") { text in
    Self.characterViolation(ofPath: text) ?? Self.escapeViolation(of: text)
  }

  /// A route's path: plain and in normal form, or `~` and a regular expression.
  public static let routePath = ValueRule("router_path") { text in
    if text.utf8.first == UInt8(ascii: "~") {
      let expression = String(text.dropFirst())
      return RegexRule.error(in: expression).map { "invalid regex: '\(expression)' (PCRE returned: \($0))" }
    }
    if Self.characterViolation(ofPath: text) == nil, let violation = Self.escapeViolation(of: text) {
      return violation
    }
    let bytes = Array(text.utf8)
    let normalized = URIPath.normalized(bytes, mergingSlashes: true)
    guard normalized != bytes else { return nil }
    return "non-normalized path, consider use '\(String(decoding: normalized, as: UTF8.self))' instead"
  }

  private static let pathCharacters = ByteClass { byte in
    byte.isASCIILetter || byte.isASCIIDigit || ".-_~/%:@!$&'()*+,;=".utf8.contains(byte)
  }

  private static func characterViolation(ofPath text: String) -> String? {
    let bytes = text.utf8
    guard bytes.first == UInt8(ascii: "/"), bytes.allSatisfy(Self.pathCharacters.contains) else {
      return "invalid path: '\(text)' (characters outside of the reserved list of RFC 3986 found)"
    }
    return nil
  }

  private static func escapeViolation(of text: String) -> String? {
    let bytes = Array(text.utf8)
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "%") else {
        index += 1
        continue
      }
      let end = Swift.min(index + 3, bytes.count)
      guard end == index + 3, bytes[index + 1].hexDigitValue != nil, bytes[index + 2].hexDigitValue != nil else {
        return "invalid url-encoded value: '\(String(decoding: bytes[index..<end], as: UTF8.self))'"
      }
      index = end
    }
    return nil
  }

  /// An absolute URL with a host.
  public static let url = ValueRule("url") { text in
    let url = URLParts(text)
    if url.host == nil { return "missing host in url" }
    return url.scheme == nil ? "missing scheme in url" : nil
  }
}
