// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1

extension HPACKDecoder {
  /// A field that is in a table (RFC 7541, section 6.1).
  @inline(__always) @_lifetime(block: copy block)
  mutating func readIndexed(
    _ block: inout HPACKBlock, _ list: inout HPACKList, _ bytes: inout ByteBuffer, _ fields: inout [HeaderField]
  ) throws(HPACKError) {
    let index = try block.integer(7)
    let entry = try self.entry(index)
    guard try list.admits(entry.textCount, isMalformed: entry.isMalformed) else { return }
    let start = bytes.count
    if index <= HPACKStaticTable.count {
      bytes.append(self.statics.text(of: entry))
    } else {
      bytes.append(self.table.text(of: entry))
    }
    fields.append(entry.field(at: start))
  }

  /// A field that is not, with or without its name from a table (section 6.2).
  @_lifetime(block: copy block)
  mutating func readLiteral(
    _ block: inout HPACKBlock, _ list: inout HPACKList, _ bytes: inout ByteBuffer, _ fields: inout [HeaderField]
  ) throws(HPACKError) {
    let isInserted = block.first & 0xC0 == 0x40
    let start = bytes.count
    // The text is put together where it is wanted, and taken back if it may not stay. Only the name can come from
    // elsewhere than the block: that of one entry, which the size of the table bounds.
    var entry = try self.readName(&block, prefixBits: isInserted ? 6 : 4, &bytes)
    let valueStart = bytes.count
    try self.readString(&block, &bytes)
    entry.valueCount = UInt32(truncatingIfNeeded: bytes.count &- valueStart)
    if !HPACKFieldText.isValue(bytes.span.extracting(valueStart..<bytes.count)) { entry.isMalformed = true }
    if isInserted {
      let text = bytes.span.extracting(start..<bytes.count)
      _ = self.table.insert(entry) { $0.append(copying: text) }
    }
    if try list.admits(entry.textCount, isMalformed: entry.isMalformed) {
      fields.append(entry.field(at: start))
    } else {
      bytes.truncate(to: start)
    }
  }

  /// Appends a literal's name, and says what is known of it.
  @_lifetime(block: copy block)
  private func readName(
    _ block: inout HPACKBlock, prefixBits: UInt8, _ bytes: inout ByteBuffer
  ) throws(HPACKError) -> HPACKEntry {
    let index = try block.integer(prefixBits)
    var entry: HPACKEntry
    if index > 0 {
      entry = try self.entry(index)
      let count = Int(entry.nameCount)
      if index <= HPACKStaticTable.count {
        bytes.append(self.statics.text(of: entry).extracting(0..<count))
      } else {
        let name = self.table.text(of: entry).extracting(0..<count)
        bytes.append(name)
        // The entry's value may be what is malformed.
        if entry.isMalformed { entry.isMalformed = !HPACKFieldText.isName(name) }
      }
      return entry
    }
    let start = bytes.count
    try self.readString(&block, &bytes)
    let name = bytes.span.extracting(start..<bytes.count)
    entry = .none
    entry.nameCount = UInt32(truncatingIfNeeded: name.count)
    entry.known = .of(name)
    entry.isMalformed = !HPACKFieldText.isName(name)
    return entry
  }

  /// Appends a string's text (section 5.2).
  @inline(__always) @_lifetime(block: copy block)
  private func readString(_ block: inout HPACKBlock, _ bytes: inout ByteBuffer) throws(HPACKError) {
    let string = try block.string()
    let text = block.bytes.extracting(string.place)
    if string.isHuffman {
      guard self.code.decode(text, into: &bytes) else { throw .invalidHuffman }
    } else {
      bytes.append(text)
    }
  }

  /// The entry with an index of both tables' common space (section 2.3.3).
  @inline(__always)
  private func entry(_ index: Int) throws(HPACKError) -> HPACKEntry {
    if index <= HPACKStaticTable.count {
      guard index > 0 else { throw .invalidIndex }
      return self.statics[index]
    }
    let position = index &- HPACKStaticTable.count &- 1
    guard position < self.table.count else { throw .invalidIndex }
    return self.table.entry(at: position)
  }
}

extension HPACKEntry {
  /// The field whose text begins at `start`.
  @inline(__always)
  func field(at start: Int) -> HeaderField {
    let nameCount = Int(self.nameCount)
    return HeaderField(
      name: ByteRange(offset: start, count: nameCount),
      value: ByteRange(offset: start &+ nameCount, count: Int(self.valueCount)), known: self.known)
  }
}
