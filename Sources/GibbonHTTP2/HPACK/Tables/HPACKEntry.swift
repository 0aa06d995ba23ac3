// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonHTTP1

/// A field in a table.
struct HPACKEntry: Sendable {
  /// Where its name begins, its value following; what this counts from is the table's affair.
  var offset: UInt32
  var nameCount: UInt32
  var valueCount: UInt32
  var known: KnownField
  /// Its name or its value has bytes that no field has: found once, when it came (see `HPACKFieldText`).
  var isMalformed: Bool

  static let none = HPACKEntry(offset: 0, nameCount: 0, valueCount: 0, known: .other, isMalformed: false)

  var textCount: Int { Int(self.nameCount) &+ Int(self.valueCount) }
  /// What it counts in a table (RFC 7541, section 4.1).
  var size: Int { self.textCount &+ HPACKLimits.fieldOverhead }
}
