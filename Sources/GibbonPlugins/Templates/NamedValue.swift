// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema

/// An entry of a transformation: `name:value`. Only the first colon, and more that follow it at once, separate.
struct NamedValue: Sendable, Hashable {
  let name: String
  /// nil when there is none or it is empty.
  let value: String?

  init(_ entry: String) {
    // Bytes: a colon and an accent are one character.
    let name = entry.utf8.prefix { $0 != UInt8(ascii: ":") }
    let value = entry.utf8.dropFirst(name.count).drop { $0 == UInt8(ascii: ":") }
    self.name = String(decoding: name, as: UTF8.self)
    self.value = value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
  }

  /// What Kong says of an entry whose name, or whose name and value, are not names of fields.
  static func headerViolation(_ entry: String, namesOnly: Bool) -> String? {
    let pair = NamedValue(entry)
    let names = namesOnly ? [pair.name, pair.value ?? ""] : [pair.name]
    return names.first { $0.isEmpty || ValueRule.headerName.violation(.string($0)) != nil }
      .map { "'\($0)' is not a valid header" }
  }
}
