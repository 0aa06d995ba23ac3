// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

extension HuffmanCode {
  /// Bytes of a text when coded.
  func encodedCount(_ text: Span<UInt8>) -> Int {
    let lengths = self.lengths.span
    var bits = 0
    for index in text.indices { bits &+= Int(lengths[Int(text[index])]) }
    return (bits &+ 7) / 8
  }

  /// Appends a text's code, padded with ones. There must be room for `encodedCount` bytes.
  func encode(_ text: Span<UInt8>, to output: inout OutputSpan<UInt8>) {
    let lengths = self.lengths.span
    let codes = self.codes.span
    var bits: UInt64 = 0
    var count = 0
    for index in text.indices {
      let symbol = Int(text[index])
      let length = Int(lengths[symbol])
      bits = bits &<< UInt64(length) | UInt64(codes[symbol])
      count &+= length
      while count >= 8 {
        count &-= 8
        output.append(UInt8(truncatingIfNeeded: bits &>> UInt64(count)))
      }
    }
    guard count > 0 else { return }
    output.append(UInt8(truncatingIfNeeded: bits &<< UInt64(8 &- count)) | UInt8(0xFF) &>> UInt8(count))
  }
}
