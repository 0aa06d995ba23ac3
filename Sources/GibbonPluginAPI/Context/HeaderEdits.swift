// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

package import GibbonCore

/// Changes to a head, recorded by plugins and applied once, when the head is written.
package struct HeaderEdits {
  package struct Edit {
    /// As the plugin wrote it; compared without case.
    package let name: [UInt8]
    package let kind: Kind
  }

  package enum Kind {
    /// Replaces every field of the name by these.
    case set([String])
    /// One more field, after those there are.
    case add(String)
    case remove
  }

  package private(set) var edits: [Edit] = []

  package init() {}

  @inline(__always)
  package var isEmpty: Bool { self.edits.isEmpty }

  package mutating func record(_ name: String, _ kind: Kind) {
    let name = Array(name.utf8)
    switch kind {
    // What was said of the name before no longer matters.
    case .set, .remove: self.edits.removeAll { HeaderEdits.equal($0.name, name) }
    case .add: break
    }
    self.edits.append(Edit(name: name, kind: kind))
  }

  package mutating func clear() { self.edits.removeAll(keepingCapacity: true) }

  /// Whether the original fields of this name are gone.
  package func drops(_ name: Span<UInt8>) -> Bool {
    for edit in self.edits where edit.name.count == name.count {
      if case .add = edit.kind { continue }
      if edit.name.span.equalsIgnoringCase(name) { return true }
    }
    return false
  }

  /// The values recorded for a name, and whether the original ones still count.
  package func values(_ name: String) -> (keepsOriginal: Bool, values: [String]) {
    var keepsOriginal = true
    var values: [String] = []
    let name = Array(name.utf8)
    for edit in self.edits where HeaderEdits.equal(edit.name, name) {
      switch edit.kind {
      case .set(let new):
        keepsOriginal = false
        values = new
      case .add(let value): values.append(value)
      case .remove:
        keepsOriginal = false
        values = []
      }
    }
    return (keepsOriginal, values)
  }

  /// Writes what was set and added, each as a field line.
  package func write(to output: inout ByteBuffer) {
    for edit in self.edits {
      switch edit.kind {
      case .set(let values):
        for value in values { HeaderEdits.write(edit.name, value, to: &output) }
      case .add(let value): HeaderEdits.write(edit.name, value, to: &output)
      case .remove: break
      }
    }
  }

  private static func write(_ name: [UInt8], _ value: String, to output: inout ByteBuffer) {
    output.append(name)
    output.append(": ")
    // A line break in a value would be a second field: it becomes a space, as nginx's Lua does.
    for byte in value.utf8 {
      output.append(byte == 0x0D || byte == 0x0A || byte == 0 ? UInt8.space : byte)
    }
    output.append("\r\n")
  }

  private static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && left.span.equalsIgnoringCase(right.span)
  }
}

/// Whether a plugin may send this name: a token of RFC 9110 section 5.1.
package func isFieldName(_ name: String) -> Bool {
  !name.isEmpty
    && name.utf8.allSatisfy { byte in
      byte.isASCIILetter || byte.isASCIIDigit || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}
