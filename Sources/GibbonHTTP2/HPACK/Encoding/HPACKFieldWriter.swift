// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// Chooses how fields are represented, and keeps the table that the choice is about.
struct HPACKFieldWriter: Sendable {
  var index: HPACKEncoderIndex
  /// Strings of more bytes than this are never Huffman-coded.
  let huffmanLimit: Int
  private let statics = HPACKStaticTable.shared
  private let names = HPACKNameTable.shared
  private let code = HuffmanCode.shared

  init(limit: Int, huffmanLimit: Int) {
    self.index = HPACKEncoderIndex(limit: limit)
    self.huffmanLimit = huffmanLimit
  }

  /// Bytes that lines of `count` bytes can become. A field has one byte for its kind and one for the length of each
  /// string, where its line has a colon and CRLF (or, alone, a colon and a space); a length has one byte more from 127
  /// on, and from there one for each seven bits.
  static func room(_ count: Int) -> Int { count &+ count / 32 &+ 16 }

  /// Writes the field of a line, `Name: value` without its end. The name goes in lower case. The colon looked for is
  /// not the first byte, which a pseudo-field's name begins with.
  @inline(__always)
  mutating func append(line: Span<UInt8>, to output: inout OutputSpan<UInt8>) {
    let hash = HPACKHash.line(line)
    let position = self.index.position(line, hash)
    if position >= 0 {
      output.append(integer: HPACKStaticTable.count &+ 1 &+ position, bits: 7, pattern: 0x80)
    } else {
      self.appendUnlisted(line, hash, to: &output)
    }
  }

  /// Writes a field that is not in the dynamic table.
  @inline(never)
  private mutating func appendUnlisted(
    _ line: Span<UInt8>, _ lineHash: UInt32, to output: inout OutputSpan<UInt8>
  ) {
    var colon = 1
    while colon < line.count, line[colon] != UInt8(ascii: ":") { colon &+= 1 }
    guard colon < line.count else { return }
    let valueStart = colon &+ 1 < line.count && line[colon &+ 1] == .space ? colon &+ 2 : colon &+ 1
    let name = line.extracting(0..<colon)
    let value = line.extracting(valueStart..<line.count)
    let nameHash = HPACKHash.text(name, lowercasing: true)
    let known = self.names.name(name, nameHash)
    switch known.policy {
    case .ofConnection: return
    case .transferCodings: if !value.equalsIgnoringCase("trailers") { return }
    case .usual, .repeated, .varying, .secret: break
    }
    for offset in 0..<known.staticValues where self.hasStaticValue(known.staticIndex &+ offset, value) {
      output.append(integer: known.staticIndex &+ offset, bits: 7, pattern: 0x80)
      return
    }
    let hash = UInt32(truncatingIfNeeded: nameHash)
    var nameIndex = known.staticIndex
    if nameIndex == 0 {
      let position = self.index.namePosition(name, hash)
      if position >= 0 { nameIndex = HPACKStaticTable.count &+ 1 &+ position }
    }
    if known.policy == .secret {
      output.append(integer: nameIndex, bits: 4, pattern: 0x10)
    } else if self.isInserted(name, value, known.policy, nameIndex, nameHash) {
      output.append(integer: nameIndex, bits: 6, pattern: 0x40)
      self.index.insert(name, value, nameHash: hash, lineHash: lineHash)
    } else {
      output.append(integer: nameIndex, bits: 4, pattern: 0)
    }
    if nameIndex == 0 {
      // Rare, so names are never Huffman-coded.
      output.append(integer: name.count, bits: 7, pattern: 0)
      output.append(lowercasing: name)
    }
    self.append(string: value, to: &output)
  }

  private func hasStaticValue(_ index: Int, _ value: Span<UInt8>) -> Bool {
    let entry = self.statics[index]
    return value.equalsWords(self.statics.text(of: entry).extracting(Int(entry.nameCount)..<entry.textCount))
  }

  /// Whether a field enters the table. One that is large does not, for it would drive all others out. A name that no
  /// table has enters at once, with whatever value, so that it can be referred to.
  private mutating func isInserted(
    _ name: Span<UInt8>, _ value: Span<UInt8>, _ policy: HPACKName.Policy, _ nameIndex: Int, _ nameHash: UInt64
  ) -> Bool {
    let size = name.count &+ value.count &+ HPACKLimits.fieldOverhead
    guard size <= self.index.table.limit / Self.largestShare else { return false }
    switch policy {
    case .repeated, .transferCodings: return true
    case .varying: return nameIndex == 0
    case .usual:
      if nameIndex == 0 { return true }
      return self.index.hasSeen(
        UInt32(truncatingIfNeeded: HPACKHash.text(value, lowercasing: false, after: nameHash)))
    case .secret, .ofConnection: return false
    }
  }

  /// A field may take this part of the table.
  private static let largestShare = 4

  /// A string (RFC 7541, section 5.2).
  private func append(string: Span<UInt8>, to output: inout OutputSpan<UInt8>) {
    if string.count <= self.huffmanLimit {
      let coded = self.code.encodedCount(string)
      if coded < string.count {
        output.append(integer: coded, bits: 7, pattern: 0x80)
        self.code.encode(string, to: &output)
        return
      }
    }
    output.append(integer: string.count, bits: 7, pattern: 0)
    output.append(copying: string)
  }
}
