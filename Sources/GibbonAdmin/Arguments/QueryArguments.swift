// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The arguments of a query string in their order, decoded but not nested.
struct QueryArguments: Sendable {
  let pairs: [FormPair]

  init(_ pairs: [FormPair] = []) {
    self.pairs = pairs
  }

  /// - Parameter query: what follows the `?`; nil where there is none.
  static func parse(_ query: String?) -> Result<QueryArguments, ArgumentError> {
    FormDecoder.pairs(urlEncoded: Array((query ?? "").utf8)).map { QueryArguments($0) }
  }

  /// The first value of that name, which is the one that Kong takes of several `tags`; nil where it is not given.
  func first(_ name: String) -> FormValue? {
    self.pairs.first { $0.name == name }?.value
  }
}
