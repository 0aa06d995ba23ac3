// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Foundation

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
