// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonStore

/// Writes the parts of a log entry: numbers with the highest byte first, texts behind their lengths.
struct ByteSink {
  private(set) var bytes: [UInt8] = []

  mutating func add(byte: UInt8) { self.bytes.append(byte) }

  mutating func add(count: Int) {
    let number = UInt32(clamping: count)
    for shift in [24, 16, 8, 0] as [UInt32] { self.bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
  }

  mutating func add(_ double: Double) {
    let number = double.bitPattern
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      self.bytes.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  mutating func add(_ text: String) {
    self.add(count: text.utf8.count)
    self.bytes.append(contentsOf: text.utf8)
  }

  mutating func add(_ place: EntityPlace) {
    self.add(place.collection)
    self.add(place.id.text)
  }

  mutating func add(_ row: IndexRow) {
    switch row {
    case .unique(let key, let id):
      self.add(byte: 0)
      self.add(key.collection)
      self.add(key.field)
      self.add(key.value.text)
      self.add(key.workspace)
      self.add(id.text)
    case .child(let key):
      self.add(byte: 1)
      self.add(key.parent)
      self.add(key.child)
      self.add(key.field)
    case .tag(let tag, let place):
      self.add(byte: 2)
      self.add(tag.text)
      self.add(place)
    case .expiring(let end, let place):
      self.add(byte: 3)
      self.add(end)
      self.add(place)
    }
  }
}

/// Reads them; nil where there is not enough, or something else.
struct ByteSource {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { self.position == self.bytes.count }

  private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, count <= self.bytes.count - self.position else { return nil }
    defer { self.position += count }
    return self.bytes[self.position..<self.position + count]
  }

  mutating func byte() -> UInt8? { self.take(1)?.first }

  /// Of things that take a byte each at least.
  mutating func count() -> Int? {
    guard let count = self.take(4)?.reduce(0, { $0 << 8 | Int($1) }) else { return nil }
    return count <= self.bytes.count - self.position ? count : nil
  }

  mutating func double() -> Double? {
    self.take(8).map { Double(bitPattern: $0.reduce(0) { $0 << 8 | UInt64($1) }) }
  }

  mutating func text() -> String? {
    guard let count = self.count(), let bytes = self.take(count) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  mutating func place() -> EntityPlace? {
    guard let collection = self.text(), let id = self.text() else { return nil }
    return EntityPlace(collection, id)
  }

  mutating func rows() -> [IndexRow]? {
    guard let count = self.count() else { return nil }
    var rows: [IndexRow] = []
    for _ in 0..<count {
      guard let row = self.row() else { return nil }
      rows.append(row)
    }
    return rows
  }

  private mutating func row() -> IndexRow? {
    switch self.byte() {
    case 0:
      guard let collection = self.text(), let field = self.text(), let value = self.text(),
        let workspace = self.text(), let id = self.text()
      else { return nil }
      let key = UniqueKey(collection: collection, field: field, value: ExactText(value), workspace: workspace)
      return .unique(key, id: ExactText(id))
    case 1:
      guard let parent = self.place(), let child = self.place(), let field = self.text() else { return nil }
      return .child(ChildKey(parent: parent, child: child, field: field))
    case 2:
      guard let tag = self.text(), let place = self.place() else { return nil }
      return .tag(ExactText(tag), place)
    case 3:
      guard let end = self.double(), let place = self.place() else { return nil }
      return .expiring(end, place)
    default: return nil
    }
  }
}
