// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The operations of `TransformOperations` with texts: what is done to this request.
struct RenderedOperations: Sendable, Hashable {
  struct Pair: Sendable, Hashable {
    let name: String
    /// nil where the entry has none.
    let value: String?
  }

  var remove: [String] = []
  var rename: [Pair] = []
  var replace: [Pair] = []
  var add: [Pair] = []
  var append: [Pair] = []
}
