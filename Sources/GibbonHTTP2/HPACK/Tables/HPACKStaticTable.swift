// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1

/// The static table (RFC 7541, appendix A).
struct HPACKStaticTable: Sendable {
  /// Entries; the first one has index 1.
  static let count = 61
  /// Index of the first entry `:status`; those up to `lastStatus` have a value.
  static let firstStatus = 8
  static let lastStatus = 14

  /// Names and values one after the other.
  let bytes: [UInt8]
  private let entries: [HPACKEntry]

  static let shared = HPACKStaticTable()

  private init() {
    var bytes = ByteBuffer()
    var entries: [HPACKEntry] = []
    for (name, value) in Self.fields {
      let start = bytes.count
      bytes.append(name)
      let middle = bytes.count
      bytes.append(value)
      let known = KnownField.of(bytes.span.extracting(start..<middle))
      entries.append(
        HPACKEntry(
          offset: UInt32(start), nameCount: UInt32(middle - start), valueCount: UInt32(bytes.count - middle),
          known: known, isMalformed: false))
    }
    self.bytes = bytes.takeBytes()
    self.entries = entries
  }

  /// The entry with an index from 1 to `count`.
  subscript(index: Int) -> HPACKEntry { self.entries[index &- 1] }

  /// Name and value, one after the other.
  @_lifetime(borrow self)
  func text(of entry: HPACKEntry) -> Span<UInt8> {
    let start = Int(entry.offset)
    return self.bytes.span.extracting(start..<start &+ entry.textCount)
  }
}
