// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

extension Span<UInt8> {
  /// The first place from `start` whose byte may not stand in a field value or reason phrase (a
  /// control byte other than HTAB), or `end`.
  @inline(__always)
  func endOfText(from start: Int, to end: Int) -> Int {
    var index = start
    while true {
      while end &- index >= 16, self.isPlainText(at: index, count: 16) { index &+= 16 }
      if end &- index >= 8, self.isPlainText(at: index, count: 8) { index &+= 8 }
      while index < end, self[index].isPlainText { index &+= 1 }
      guard index < end, self[index] == .tab else { return index }
      index &+= 1
    }
  }

  /// Whether the next `count` bytes are all plain. Always inlined and without a branch inside: with a
  /// constant count the compiler makes a few vector instructions of it, bounds check included.
  @inline(__always)
  private func isPlainText(at index: Int, count: Int) -> Bool {
    let block = self.extracting(index..<index &+ count)
    var stops: UInt8 = 0
    for offset in 0..<count {
      let byte = block[offset]
      stops |= (byte < 0x20 ? 1 : 0) | (byte == 0x7F ? 1 : 0)
    }
    return stops == 0
  }

  /// The place between two offsets without the white space at both its ends.
  @inline(__always)
  func trimmed(_ lower: Int, _ upper: Int) -> ByteRange {
    var (start, end) = (lower, upper)
    while start < end, self[start].isBlank { start &+= 1 }
    while end > start, self[end &- 1].isBlank { end &-= 1 }
    return ByteRange(offset: start, count: end &- start)
  }
}
