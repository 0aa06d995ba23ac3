// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema

/// Names of groups, as they are compared, byte by byte, and as services are told.
final class ConsumerGroups: Sendable {
  private let names: [[UInt8]]
  /// Separated by commas; empty for none.
  let text: String

  var isEmpty: Bool { self.names.isEmpty }

  init(_ names: [String]) {
    self.names = names.map { Array($0.utf8) }
    self.text = names.joined(separator: ", ")
  }

  /// From entities of the collection `acls`.
  convenience init(rows: [JSONObject]) { self.init(rows.compactMap { $0["group"]?.stringValue }) }

  func contains(anyOf others: Set<[UInt8]>) -> Bool { self.names.contains { others.contains($0) } }
}
