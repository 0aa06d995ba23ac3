// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a connection has prepared, by text; for a cluster, what is known of statements on any connection.
struct PreparedStatements: Sendable {
  /// Gibbon's statements are far fewer; a caller that puts values into texts must not fill the memory.
  static let limit = 1024

  private var ids: [String: PreparedID] = [:]
  private var order: [String] = []

  subscript(text: String) -> PreparedID? { self.ids[text] }

  mutating func insert(_ id: PreparedID, _ text: String) {
    if self.ids.updateValue(id, forKey: text) == nil { self.order.append(text) }
    guard self.order.count > Self.limit else { return }
    // The older half at once: removing the first of many each time would cost more.
    for old in self.order.prefix(Self.limit / 2) { self.ids[old] = nil }
    self.order.removeFirst(Self.limit / 2)
  }

  mutating func remove(_ text: String) {
    guard self.ids.removeValue(forKey: text) != nil else { return }
    self.order.removeAll { $0 == text }
  }
}
