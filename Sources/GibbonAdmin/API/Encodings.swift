// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Foundation

/// Base64 without padding, as Kong's offsets are.
enum Base64 {
  static func encoded(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString().replacingOccurrences(of: "=", with: "")
  }

  /// nil for what is not base64; padding may be there or not.
  static func decoded(_ text: String) -> [UInt8]? {
    let bare = text.replacingOccurrences(of: "=", with: "")
    let padding = String(repeating: "=", count: (4 - bare.utf8.count % 4) % 4)
    return Data(base64Encoded: bare + padding).map { Array($0) }
  }
}

/// Percent-encoding of query values and path segments.
enum PercentEncoding {
  /// Unreserved characters (RFC 3986 section 2.3); all others are encoded.
  private static let unreserved = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

  static func encoded(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: Self.unreserved) ?? text
  }

  /// A text that is not properly encoded is taken as it is.
  static func decoded(_ text: String) -> String { text.removingPercentEncoding ?? text }
}
