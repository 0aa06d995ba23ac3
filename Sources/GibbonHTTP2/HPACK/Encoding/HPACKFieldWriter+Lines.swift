// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

extension HPACKFieldWriter {
  /// Writes the fields of lines that each end with CRLF.
  @inline(__always)
  mutating func append(lines: Span<UInt8>, to output: inout OutputSpan<UInt8>) {
    var start = 0
    while start < lines.count {
      let end = lines.place(of: .carriageReturn, from: start)
      self.append(line: lines.extracting(start..<end), to: &output)
      start = end &+ 2
    }
  }
}

extension Span<UInt8> {
  /// The first place of a byte from `start` on, or the end.
  @inline(__always)
  fileprivate func place(of byte: UInt8, from start: Int) -> Int {
    var index = start
    while self.count &- index >= 8 {
      let place = self.word(at: index).firstPlace(of: byte)
      if place < 8 { return index &+ place }
      index &+= 8
    }
    while index < self.count, self[index] != byte { index &+= 1 }
    return index
  }
}
