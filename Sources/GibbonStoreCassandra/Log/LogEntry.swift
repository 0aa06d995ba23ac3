// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonStore

/// One commit as the log keeps it: all that is needed to bring the other tables up to it, by any node, with or without
/// the plugins that the entities belong to.
struct LogEntry: Hashable, Sendable {
  /// What became of an entity.
  struct Change: Hashable, Sendable {
    let place: EntityPlace
    /// nil: it is gone.
    let state: State?
  }

  struct State: Hashable, Sendable {
    /// JSON.
    let document: String
    let workspace: String
    let expiresAt: Double?
  }

  /// In the order in which they happened, an entity at most once.
  var changes: [Change] = []
  /// The net difference: no row is among both.
  var removed: [IndexRow] = []
  var added: [IndexRow] = []

  // MARK: As bytes

  /// The first byte, for what comes after it.
  private static let version: UInt8 = 1

  var bytes: [UInt8] {
    var sink = ByteSink()
    sink.add(byte: Self.version)
    sink.add(count: self.changes.count)
    for change in self.changes {
      sink.add(change.place)
      sink.add(byte: change.state == nil ? 0 : change.state?.expiresAt == nil ? 1 : 2)
      guard let state = change.state else { continue }
      sink.add(state.document)
      sink.add(state.workspace)
      if let end = state.expiresAt { sink.add(end) }
    }
    for rows in [self.removed, self.added] {
      sink.add(count: rows.count)
      for row in rows { sink.add(row) }
    }
    return sink.bytes
  }

  /// - Returns: nil where the bytes are no entry of this version.
  init?(_ bytes: [UInt8]) {
    var source = ByteSource(bytes)
    guard source.byte() == Self.version, let count = source.count() else { return nil }
    for _ in 0..<count {
      guard let place = source.place(), let kind = source.byte(), kind <= 2 else { return nil }
      guard kind > 0 else {
        self.changes.append(Change(place: place, state: nil))
        continue
      }
      guard let document = source.text(), let workspace = source.text() else { return nil }
      var end: Double?
      if kind == 2 {
        guard let double = source.double() else { return nil }
        end = double
      }
      let state = State(document: document, workspace: workspace, expiresAt: end)
      self.changes.append(Change(place: place, state: state))
    }
    guard let removed = source.rows(), let added = source.rows(), source.isAtEnd else { return nil }
    self.removed = removed
    self.added = added
  }

  init() {}
}
