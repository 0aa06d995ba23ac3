// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

extension EntityID {
  /// The id that a 36-character text says, in any case of letters. The same as `init(_:)`, without its
  /// genericity: files and requests bring ids by the hundred thousand.
  public init?(uuid text: String) {
    let bytes = text.utf8.span
    guard bytes.count == 36 else { return nil }
    var high: UInt64 = 0
    var low: UInt64 = 0
    for index in 0..<36 {
      let byte = bytes[index]
      if index == 8 || index == 13 || index == 18 || index == 23 {
        guard byte == UInt8(ascii: "-") else { return nil }
        continue
      }
      guard let digit = byte.hexDigitValue else { return nil }
      if index < 18 {
        high = high << 4 | UInt64(digit)
      } else {
        low = low << 4 | UInt64(digit)
      }
    }
    self.init(high: high, low: low)
  }
}

extension String {
  /// Whether this is a UUID of any version in its 36-character form, in any case.
  public var isUUID: Bool { EntityID(uuid: self) != nil }
}
