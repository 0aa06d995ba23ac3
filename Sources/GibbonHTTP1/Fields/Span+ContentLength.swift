// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

extension Span<UInt8> {
  /// The value of a `Content-Length`: `1*DIGIT` and nothing else: no sign, no list, no white space inside, at most
  /// `Int64.max` (RFC 9110, section 8.6). nil if it is none.
  public var contentLength: UInt64? {
    if self.isEmpty { return nil }
    var value: UInt64 = 0
    for index in self.indices {
      let byte = self[index]
      guard byte.isASCIIDigit else { return nil }
      let (shifted, overflowed) = value.multipliedReportingOverflow(by: 10)
      // Safe: after `shifted` stayed below 2^63 a digit cannot wrap it.
      guard !overflowed, shifted <= UInt64(Int64.max) else { return nil }
      value = shifted &+ UInt64(byte &- 0x30)
      guard value <= UInt64(Int64.max) else { return nil }
    }
    return value
  }
}
