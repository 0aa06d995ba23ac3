// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// What a request says its body is.
struct ContentType: Sendable, Hashable {
  enum Kind: Sendable, Hashable {
    case json
    /// `application/x-www-form-urlencoded`.
    case form
    /// `multipart/form-data`; the boundary is nil where it is missing or breaks RFC 2046.
    case multipart(boundary: String?)
    /// Only `/config` reads it.
    case yaml
    /// The header is missing or empty.
    case none
    case unsupported
  }

  let kind: Kind

  /// - Parameter header: the value of the Content-Type field.
  ///
  /// Like Kong it takes a type by its first letters, so `application/json-patch+json` is JSON; unlike Kong it
  /// takes them in either case.
  init(_ header: String?) {
    let value = (header ?? "").utf8.drop { $0 == .space || $0 == .tab }
    let bytes = Array(value)
    if bytes.isEmpty {
      self.kind = .none
    } else if Self.prefix("application/json", begins: bytes) {
      self.kind = .json
    } else if Self.prefix("application/x-www-form-urlencoded", begins: bytes) {
      self.kind = .form
    } else if Self.prefix("multipart/form-data", begins: bytes) {
      self.kind = .multipart(boundary: Self.boundary(in: bytes))
    } else if Self.prefix("application/yaml", begins: bytes) || Self.prefix("text/yaml", begins: bytes) {
      self.kind = .yaml
    } else {
      self.kind = .unsupported
    }
  }

  /// Whether values arrive as text, so that the schema must say what they mean.
  var isForm: Bool {
    switch self.kind {
    case .form, .multipart: true
    case .json, .yaml, .none, .unsupported: false
    }
  }

  private static func prefix(_ lowercased: String, begins bytes: [UInt8]) -> Bool {
    bytes.count >= lowercased.utf8.count && zip(lowercased.utf8, bytes).allSatisfy { $0 == $1.asciiLowercased }
  }

  /// Bytes of the longest boundary (RFC 2046, 5.1.1).
  static let maxBoundaryLength = 70

  /// 1 to 70 visible ASCII characters, spaces between them allowed.
  private static func boundary(in bytes: [UInt8]) -> String? {
    guard let value = HeaderParameters.value(of: "boundary", in: bytes[...]), let last = value.last,
      value.count <= Self.maxBoundaryLength, last != .space, value.allSatisfy({ (0x20...0x7E).contains($0) })
    else { return nil }
    return String(decoding: value, as: UTF8.self)
  }
}
