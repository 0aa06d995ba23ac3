// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Why a pattern was refused, and where.
public struct RegexError: Error, Sendable, Equatable, CustomStringConvertible {
  /// PCRE2's own words, without a final full stop.
  public let message: String

  /// The byte offset in the pattern at which the fault was noticed.
  public let offset: Int

  public init(message: String, offset: Int) {
    self.message = message
    self.offset = offset
  }

  public var description: String { "\(self.message) at offset \(self.offset)" }
}
