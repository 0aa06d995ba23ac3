// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// `HTTP/` DIGIT `.` DIGIT, eight bytes (RFC 9112, section 2.3).
enum VersionText {
  case known(HTTPVersion)
  /// Well-formed, but not 1.0 or 1.1.
  case unsupported
  case malformed
  case incomplete

  /// Looks at nothing from `end` on, and says malformed at the first wrong byte.
  static func read(_ input: Span<UInt8>, from start: Int, to end: Int) -> VersionText {
    let available = min(8, end &- start)
    if available <= 0 { return .incomplete }
    let text = input.extracting(start..<start &+ available)
    if text.equals("HTTP/1.1") { return .known(.http11) }
    if text.equals("HTTP/1.0") { return .known(.http10) }
    for index in text.indices {
      let byte = text[index]
      let isExpected =
        switch index {
        case 0: byte == UInt8(ascii: "H")
        case 1, 2: byte == UInt8(ascii: "T")
        case 3: byte == UInt8(ascii: "P")
        case 4: byte == UInt8(ascii: "/")
        case 6: byte == UInt8(ascii: ".")
        default: byte.isASCIIDigit
        }
      if !isExpected { return .malformed }
    }
    return available < 8 ? .incomplete : .unsupported
  }
}
