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
  private let added: ByteBuffer
  private let entries: [Entry]

  /// The client's fields with what plugins changed of them, as they went to the service.
  init(request backend: any RequestBackend) {
    let edits = backend.upstreamEdits
    let bytes = backend.headBytes
    let fields = backend.head.fields
    var added = ByteBuffer()
    if !edits.isEmpty { edits.write(to: &added) }
    var entries: [Entry] = []
    entries.reserveCapacity(fields.count + 4)
    for field in fields where edits.isEmpty || !edits.drops(bytes[field.name]) {
      entries.append(Entry(name: field.name, value: field.value, isAdded: false))
    }
    FieldLines.visit(added.span) { name, value in
      entries.append(Entry(name: name, value: value, isAdded: true))
    }
    self.entries = entries
    self.bytes = bytes
    self.added = added
  }

  /// The fields as they were sent.
  init(response backend: any RequestBackend) {
    let head = backend.sentHead
    var entries: [Entry] = []
    entries.reserveCapacity(16)
    FieldLines.visit(head.span) { name, value in
      entries.append(Entry(name: name, value: value, isAdded: false))
    }
    self.entries = entries
    self.bytes = head
    self.added = ByteBuffer()
  }

  func write(to json: inout JSONStream) {
    json.beginObject()
    for index in self.entries.indices where self.place(of: index, before: index) == nil { self.write(index, to: &json) }
    json.endObject()
  }

  private func write(_ index: Int, to json: inout JSONStream) {
    let name = self.name(index)
    json.key(lowercasing: name)
    // Nobody's business.
    if name.equalsIgnoringCase("authorization") || name.equalsIgnoringCase("proxy-authorization") {
      return json.text("REDACTED")
    }
    guard let second = self.place(of: index, after: index) else { return json.text(self.value(index)) }
    json.beginArray()
    json.text(self.value(index))
    for other in second..<self.entries.count where self.isSame(index, other) { json.text(self.value(other)) }
    json.endArray()
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

  /// Another field of that name before a place.
  private func place(of index: Int, before end: Int) -> Int? { (0..<end).first { self.isSame(index, $0) } }

  private func place(of index: Int, after start: Int) -> Int? {
    ((start + 1)..<self.entries.count).first { self.isSame(index, $0) }
  }
}
