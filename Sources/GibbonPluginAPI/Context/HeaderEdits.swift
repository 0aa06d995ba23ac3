// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

package import GibbonCore
internal import GibbonHTTP1

/// Changes to a head, recorded by plugins and applied once, when the head is written.
///
/// The lines are rendered when they are recorded, by the writer that encodes control bytes (`ByteBuffer.appendField`),
/// so edits that never change (who a credential belongs to) are made once and shared by every request.
package struct HeaderEdits: Sendable {
  fileprivate struct Edit: Sendable {
    /// As the plugin wrote it; compared without case.
    let name: [UInt8]
    /// The fields that were there before are gone.
    let drops: Bool
    let values: [String]
    /// Whole field lines; empty for a removal.
    let lines: [UInt8]
    /// The names of several fields that `lines` has, in place of `name`.
    var group: FieldGroup?
  }

  private var edits: [Edit] = []
  /// What the client says of who it is goes no further, under whatever name a service would take for such a field.
  private var replacesIdentity = false

  package init() {}

  package var isEmpty: Bool { self.edits.isEmpty }

  /// Drops every field of `IdentityFields` that the client sent.
  package mutating func replaceIdentity() { self.replacesIdentity = true }

  /// Replaces every field of the name; no values remove it. Names that are no field names are ignored.
  package mutating func set(_ name: String, to values: [String]) { self.record(name, values, drops: true) }

  /// One more field, after those there are.
  /// A second `Host` would be an invalid request: it replaces the first.
  package mutating func add(_ name: String, _ value: String) {
    self.record(name, [value], drops: name.isSame(ignoringCase: "host"))
  }

  /// Replaces every field of the group's names by these lines, which have no other names and end with CR LF: for
  /// fields that are written with each response.
  package mutating func set(_ group: FieldGroup, lines: [UInt8]) {
    self.edits.append(Edit(name: [], drops: true, values: [], lines: lines, group: group))
  }

  private mutating func record(_ name: String, _ values: [String], drops: Bool) {
    guard isFieldName(name), !isReserved(name, isRemoval: values.isEmpty) else { return }
    self.ungroup()
    let name = Array(name.utf8)
    // What was said of the name before no longer matters.
    if drops, !self.edits.isEmpty { self.edits.removeAll { HeaderEdits.equal($0.name, name) } }
    var lines = ByteBuffer()
    for value in values { lines.appendField(name.span, value) }
    self.edits.append(Edit(name: name, drops: drops, values: values, lines: lines.takeBytes()))
  }

  /// Records everything another set of changes says; free when there was nothing yet.
  package mutating func merge(_ other: HeaderEdits) {
    guard !self.edits.isEmpty else {
      let replacesIdentity = self.replacesIdentity
      self = other
      self.replacesIdentity = replacesIdentity || other.replacesIdentity
      return
    }
    self.ungroup()
    if other.replacesIdentity { self.replacesIdentity = true }
    for edit in other.edits {
      if edit.drops { self.edits.removeAll { HeaderEdits.equal($0.name, edit.name) } }
      self.edits.append(edit)
    }
  }

  /// Whether anything was recorded for this name.
  package func mentions(_ name: Span<UInt8>) -> Bool {
    for index in self.edits.indices {
      if let group = self.edits[index].group {
        if group.contains(name) { return true }
      } else if self.edits[index].name.count == name.count {
        let own = self.edits[index].name
        if own.span.equalsIgnoringCase(name) { return true }
      }
    }
    return false
  }

  /// Whether the original fields of this name are gone.
  package func drops(_ name: Span<UInt8>) -> Bool {
    if self.replacesIdentity, IdentityFields.contains(name) { return true }
    for index in self.edits.indices where self.edits[index].drops {
      if let group = self.edits[index].group {
        if group.contains(name) { return true }
      } else if self.edits[index].name.count == name.count {
        let own = self.edits[index].name
        if own.span.equalsIgnoringCase(name) { return true }
      }
    }
    return false
  }

  /// The values recorded for a name, and whether the original ones still count.
  package func values(_ name: String) -> (keepsOriginal: Bool, values: [String]) {
    let name = Array(name.utf8)
    var keepsOriginal = !(self.replacesIdentity && IdentityFields.contains(name.span))
    var values: [String] = []
    for edit in self.edits.flatMap(\.singles) where HeaderEdits.equal(edit.name, name) {
      if edit.drops {
        keepsOriginal = false
        values = []
      }
      values += edit.values
    }
    return (keepsOriginal, values)
  }

  /// What was set and added, in order.
  package var fields: [(name: String, value: String)] {
    self.edits.flatMap(\.singles).flatMap { edit in
      edit.values.map { (String(decoding: edit.name, as: UTF8.self), $0) }
    }
  }

  /// Writes what was set and added, each as a field line.
  package func write(to output: inout ByteBuffer) {
    // By index: a copy of an edit would count its references up and down.
    for index in self.edits.indices where !self.edits[index].lines.isEmpty { output.append(self.edits[index].lines) }
  }

  /// Groups as single fields, so that one of them can be replaced.
  private mutating func ungroup() {
    guard self.edits.contains(where: { $0.group != nil }) else { return }
    self.edits = self.edits.flatMap(\.singles)
  }

  private static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && left.span.equalsIgnoringCase(right.span)
  }
}

extension HeaderEdits.Edit {
  /// One edit for each field of a group.
  fileprivate var singles: [HeaderEdits.Edit] {
    guard self.group != nil else { return [self] }
    return self.lines.split(separator: 0x0A).compactMap { line in
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
      let value = line[line.index(after: colon)...].drop { $0 == UInt8.space }.filter { $0 != 0x0D }
      return HeaderEdits.Edit(
        name: Array(line[..<colon]), drops: true, values: [String(decoding: value, as: UTF8.self)],
        lines: Array(line) + [0x0A])
    }
  }
}

/// Names of fields that are always written together.
package final class FieldGroup: Sendable {
  private let names: [[UInt8]]

  package init(_ names: [String]) { self.names = names.map { Array($0.utf8) } }

  func contains(_ name: Span<UInt8>) -> Bool {
    for known in self.names where known.count == name.count && known.span.equalsIgnoringCase(name) { return true }
    return false
  }
}

/// How messages end and connections go on is the engine's business; a request always has a host.
private func isReserved(_ name: String, isRemoval: Bool) -> Bool {
  switch name.asciiLowercased {
  case "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "trailer", "te": true
  case "host": isRemoval
  default: false
  }
}

/// Whether a plugin may send this name: a token of RFC 9110 section 5.1.
package func isFieldName(_ name: String) -> Bool {
  !name.isEmpty
    && name.utf8.allSatisfy { byte in
      byte.isASCIILetter || byte.isASCIIDigit || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}
