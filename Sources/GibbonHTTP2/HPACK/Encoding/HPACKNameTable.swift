// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// The names of the static table and of `HPACKName`, found by their hash.
struct HPACKNameTable: Sendable {
  private struct Entry: Sendable {
    var bytes: ByteRange
    var name: HPACKName
  }

  private var bytes = ByteBuffer()
  private var entries: [Entry] = []
  /// Open addressing: the number of an entry, counted from 1; 0 is free. More than half of them are.
  private var slots = [UInt8](repeating: 0, count: Self.slotCount)

  private static let slotCount = 256

  static let shared = HPACKNameTable()

  private init() {
    for index in 1...HPACKStaticTable.count {
      let hasValue = HPACKStaticTable.shared[index].valueCount > 0
      let place = self.place(of: HPACKStaticTable.fields[index - 1].0, staticIndex: index)
      if hasValue { self.entries[place].name.staticValues += 1 }
    }
    self.set(.repeated, for: HPACKName.repeated)
    self.set(.varying, for: HPACKName.varying)
    self.set(.secret, for: HPACKName.secret)
    self.set(.ofConnection, for: HPACKName.ofConnection)
    self.set(.transferCodings, for: ["te"])
  }

  private mutating func set(_ policy: HPACKName.Policy, for names: [StaticString]) {
    for name in names { self.entries[self.place(of: name, staticIndex: 0)].name.policy = policy }
  }

  /// The entry of a name, which is added if it is new.
  private mutating func place(of name: StaticString, staticIndex: Int) -> Int {
    let start = self.bytes.count
    self.bytes.append(name)
    let bytes = ByteRange(start..<self.bytes.count)
    let hash = HPACKHash.text(self.bytes[bytes], lowercasing: false)
    let (slot, found) = self.find(self.bytes[bytes], hash)
    if found > 0 {
      self.bytes.truncate(to: start)
      return found - 1
    }
    self.entries.append(
      Entry(bytes: bytes, name: HPACKName(policy: .usual, staticIndex: staticIndex, staticValues: 0)))
    self.slots[slot] = UInt8(self.entries.count)
    return self.entries.count - 1
  }

  /// The slot of a name and the number in it; 0 if the name is unknown, and the slot free.
  @inline(__always)
  private func find(_ name: Span<UInt8>, _ hash: UInt64) -> (slot: Int, number: Int) {
    var slot = Int(truncatingIfNeeded: hash)
    while true {
      slot &= Self.slotCount &- 1
      let number = Int(self.slots[slot])
      if number == 0 || name.equals(lowercased: self.bytes[self.entries[number &- 1].bytes]) { return (slot, number) }
      slot &+= 1
    }
  }

  /// What is known of a name, in any case, by its hash.
  func name(_ name: Span<UInt8>, _ hash: UInt64) -> HPACKName {
    let number = self.find(name, hash).number
    return number == 0 ? .unknown : self.entries[number &- 1].name
  }
}
