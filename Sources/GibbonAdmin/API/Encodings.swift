// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Foundation
internal import GibbonCore

/// Percent-encoding of query values and path segments.
enum PercentEncoding {
  /// Unreserved characters (RFC 3986 section 2.3); all others are encoded.
  private static let unreserved = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

  static func encoded(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: Self.unreserved) ?? text
  }

  /// Where, counted from 1, the decoded bytes stop being UTF-8; nil where they are.
  static func firstFault(in text: String) -> Int? {
    let bytes = FormText.decoded(Array(text.utf8.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: "x") : $0 })[...])
    var index = 0
    while index < bytes.count {
      // A character has up to four bytes.
      let end = (1...4).first { length in
        index + length <= bytes.count && String(validating: bytes[index..<index + length], as: UTF8.self) != nil
      }
      guard let end else { return index + 1 }
      index += end
    }
    return nil
  }

  /// A text that is not properly encoded is taken as it is.
  static func decoded(_ text: String) -> String { text.removingPercentEncoding ?? text }
}
