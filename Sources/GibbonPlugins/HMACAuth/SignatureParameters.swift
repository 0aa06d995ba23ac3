// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// What a client says of its signature:
/// `hmac username="…", algorithm="…", headers="…", signature="…"`, in this order.
struct SignatureParameters: Sendable, Equatable {
  let username: [UInt8]
  let algorithm: String
  /// What is signed, in this order: names of headers, `@request-target`, `request-line`.
  let headers: [String]
  /// In base64.
  let signature: [UInt8]

  /// - Parameter field: the value of `Authorization` or `Proxy-Authorization`; nil for one that says something else.
  init?(_ field: Span<UInt8>) {
    let text = field.array
    // Values may hold quotes and commas: each ends at the last place where the rest still fits. Found from the end.
    guard let end = text.lastIndex(of: Self.quote),
      let signature = Self.lastBoundary("signature=\"", in: text, before: end),
      let headers = Self.lastBoundary("headers=\"", in: text, before: signature.lowerBound),
      let algorithm = Self.lastBoundary("algorithm=\"", in: text, before: headers.lowerBound),
      let username = Self.startOfUsername(in: text), username < algorithm.lowerBound
    else { return nil }
    self.username = Array(text[username..<algorithm.lowerBound])
    self.algorithm = String(decoding: text[algorithm.upperBound..<headers.lowerBound], as: UTF8.self)
    self.headers = text[headers.upperBound..<signature.lowerBound]
      .split(separator: .space, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    self.signature = Array(text[signature.upperBound..<end])
  }

  private static let quote = UInt8(ascii: "\"")

  /// The last `", NAME="` that leaves at least one byte between itself and `limit`: from the quote that ends the value
  /// before it, to where its own value begins.
  private static func lastBoundary(_ name: StaticString, in text: [UInt8], before limit: Int) -> Range<Int>? {
    let length = name.utf8CodeUnitCount
    var start = limit - 1 - length
    while start >= 2 {
      defer { start -= 1 }
      guard text.span.extracting(start..<(start + length)).equals(name) else { continue }
      var comma = start - 1
      while comma > 0, Self.isSpace(text[comma]) { comma -= 1 }
      if comma > 0, text[comma] == UInt8(ascii: ","), text[comma - 1] == Self.quote {
        return (comma - 1)..<(start + length)
      }
    }
    return nil
  }

  /// Where the value of the first `hmac username="` begins.
  private static func startOfUsername(in text: [UInt8]) -> Int? {
    let name = Array("username=\"".utf8)
    var index = 0
    while index + 4 < text.count {
      defer { index += 1 }
      guard text[index] | 0x20 == UInt8(ascii: "h"), text[(index + 1)...].starts(with: "mac".utf8) else { continue }
      let rest = text[(index + 4)...].drop(while: Self.isSpace)
      if rest.starts(with: name) { return rest.startIndex + name.count }
    }
    return nil
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == .space || 0x09...0x0D ~= byte }
}
