// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonSchema

/// The fields of a request or a response as logs show them: by lower-case name, one that came several times as an
/// array.
struct LoggedHeaders {
  private struct Entry {
    let name: ByteRange
    let value: ByteRange
    /// Whether it is in `added`.
    let isAdded: Bool
  }

  private let bytes: ByteBuffer
  private var added = ByteBuffer()
  private var entries: [Entry] = []
  /// Lengths of names that came, and that came more than once, a bit for each: a name whose length came once has no
  /// other beside it.
  private var lengths: UInt64 = 0
  private var repeated: UInt64 = 0

  /// The client's fields with what plugins changed of them, as they went to the service.
  init(request backend: any RequestBackend) {
    let edits = backend.upstreamEdits
    let fields = backend.head.fields
    self.bytes = backend.headBytes
    self.entries.reserveCapacity(fields.count + 4)
    for field in fields where edits.isEmpty || !edits.drops(self.bytes[field.name]) {
      self.add(Entry(name: field.name, value: field.value, isAdded: false))
    }
    guard !edits.isEmpty else { return }
    edits.write(to: &self.added)
    let added = self.added
    FieldLines.visit(added.span) { self.add(Entry(name: $0, value: $1, isAdded: true)) }
  }

  /// The fields as they were sent.
  init(response backend: any RequestBackend) {
    let head = backend.sentHead
    self.bytes = head
    self.entries.reserveCapacity(16)
    FieldLines.visit(head.span) { self.add(Entry(name: $0, value: $1, isAdded: false)) }
  }

  private mutating func add(_ entry: Entry) {
    let bit = Self.bit(entry)
    self.repeated |= self.lengths & bit
    self.lengths |= bit
    self.entries.append(entry)
  }

  private static func bit(_ entry: Entry) -> UInt64 { 1 << UInt64(entry.name.count & 63) }

  /// Fields that are compared with each other; of more of them an index is made.
  private static let comparedLimit = 64

  func write(to json: inout JSONStream) {
    json.beginObject()
    let index = self.entries.count > Self.comparedLimit ? self.placesByName() : nil
    for place in self.entries.indices {
      if self.repeated & Self.bit(self.entries[place]) == 0 {
        self.write(place, to: &json)
      } else if let index {
        let places = index[self.lowercasedName(place)] ?? [place]
        if places[0] == place { self.write(places, to: &json) }
      } else if self.place(of: place, in: 0..<place) == nil {
        let isAlone = self.place(of: place, in: (place + 1)..<self.entries.count) == nil
        if isAlone {
          self.write(place, to: &json)
        } else {
          self.write(self.entries.indices.filter { self.isSame(place, $0) }, to: &json)
        }
      }
    }
    json.endObject()
  }

  /// A field of the same name in a range.
  private func place(of place: Int, in range: Range<Int>) -> Int? { range.first { self.isSame(place, $0) } }

  private func lowercasedName(_ place: Int) -> [UInt8] { self.name(place).array.map(\.asciiLowercased) }

  private func placesByName() -> [[UInt8]: [Int]] {
    var places: [[UInt8]: [Int]] = [:]
    for place in self.entries.indices where self.repeated & Self.bit(self.entries[place]) != 0 {
      places[self.lowercasedName(place), default: []].append(place)
    }
    return places
  }

  /// A field that may have come several times.
  private func write(_ places: [Int], to json: inout JSONStream) {
    guard places.count > 1, !self.isSecret(places[0]) else { return self.write(places[0], to: &json) }
    json.key(lowercasing: self.name(places[0]))
    json.beginArray()
    for place in places { json.text(self.value(place)) }
    json.endArray()
  }

  private func write(_ index: Int, to json: inout JSONStream) {
    guard !self.isSecret(index) else {
      json.key(lowercasing: self.name(index))
      return json.text("REDACTED")
    }
    json.member(lowercasing: self.name(index), self.value(index))
  }

  /// Nobody's business.
  private func isSecret(_ index: Int) -> Bool {
    let name = self.name(index)
    return name.equalsIgnoringCase("authorization") || name.equalsIgnoringCase("proxy-authorization")
  }

  @_lifetime(borrow self)
  private func name(_ index: Int) -> Span<UInt8> {
    if self.entries[index].isAdded { return self.added[self.entries[index].name] }
    return self.bytes[self.entries[index].name]
  }

  @_lifetime(borrow self)
  private func value(_ index: Int) -> Span<UInt8> {
    if self.entries[index].isAdded { return self.added[self.entries[index].value] }
    return self.bytes[self.entries[index].value]
  }

  private func isSame(_ left: Int, _ right: Int) -> Bool {
    self.entries[left].name.count == self.entries[right].name.count
      && self.name(left).equalsIgnoringCase(self.name(right))
  }
}
