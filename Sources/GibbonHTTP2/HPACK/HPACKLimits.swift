// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// How large a field section may become by decoding.
public struct HPACKLimits: Sendable, Hashable {
  /// Fields, with each crumb of a cookie and pseudo-fields counted.
  public var fieldCount: Int
  /// The sum of all names and values, and of `fieldOverhead` for each field: SETTINGS_MAX_HEADER_LIST_SIZE (RFC 9113,
  /// section 6.5.2).
  public var listBytes: Int

  public init(fieldCount: Int, listBytes: Int) {
    self.fieldCount = fieldCount
    self.listBytes = listBytes
  }

  /// What a field counts beside its name and value (also in tables: RFC 7541, section 4.1).
  public static let fieldOverhead = 32

  /// A block that became larger than its list may be is decoded on, to keep the tables in step, up to this many times
  /// `listBytes`.
  static let toleratedExcess = 4

  /// Where decoding ends altogether.
  var hardBytes: Int {
    let (bytes, overflowed) = max(0, self.listBytes).multipliedReportingOverflow(by: Self.toleratedExcess)
    return overflowed ? .max : bytes
  }
}
