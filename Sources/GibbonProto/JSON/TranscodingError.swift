// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Why a value of JSON is no message of its type, or the other way round.
package struct TranscodingError: Error, Sendable, Hashable, CustomStringConvertible {
  package let message: String

  package init(_ message: String) { self.message = message }

  /// - Parameter place: where, as in `a.b[2]`; empty for the message itself.
  init(_ place: String, _ message: String) {
    self.message = place.isEmpty ? message : "\(place.prefix(Self.shownLength)): \(message)"
  }

  init(_ error: WireError) { self.message = error.description }

  /// Bytes of a place that messages show.
  private static let shownLength = 120

  package var description: String { self.message }
}
