// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// The `; name=value` parameters of a field's value.
struct FieldParameters {
  struct Parameter {
    /// Lower case.
    let name: [UInt8]
    let value: [UInt8]
  }

  private(set) var parameters: [Parameter] = []

  init(_ bytes: [UInt8]) {
    var index = bytes.firstIndex(of: UInt8(ascii: ";")) ?? bytes.endIndex
    while index < bytes.endIndex {
      index += 1
      let nameStart = index
      while index < bytes.endIndex, bytes[index] != UInt8(ascii: "="), bytes[index] != UInt8(ascii: ";") { index += 1 }
      let name = bytes[nameStart..<index].filter { $0 != .space && $0 != .tab }.map(\.asciiLowercased)
      guard index < bytes.endIndex, bytes[index] == UInt8(ascii: "=") else { continue }
      index += 1
      self.parameters.append(Parameter(name: name, value: Self.value(bytes, &index)))
    }
  }

  /// A token, or a text in quotes; ends at the next `;`.
  private static func value(_ bytes: [UInt8], _ index: inout Int) -> [UInt8] {
    while index < bytes.endIndex, bytes[index] == .space || bytes[index] == .tab { index += 1 }
    var value: [UInt8] = []
    if index < bytes.endIndex, bytes[index] == UInt8(ascii: "\"") {
      index += 1
      while index < bytes.endIndex, bytes[index] != UInt8(ascii: "\"") {
        if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.endIndex { index += 1 }
        value.append(bytes[index])
        index += 1
      }
      while index < bytes.endIndex, bytes[index] != UInt8(ascii: ";") { index += 1 }
      return value
    }
    while index < bytes.endIndex, bytes[index] != UInt8(ascii: ";") {
      value.append(bytes[index])
      index += 1
    }
    while let last = value.last, last == .space || last == .tab { value.removeLast() }
    return value
  }
}
