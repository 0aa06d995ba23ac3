// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonStore

/// What the commits of one log entry change: a value, so that one that is refused takes nothing along.
struct Overlay: Sendable {
  /// As it is written.
  struct Written: Sendable {
    let entity: StoredEntity
    /// JSON.
    let document: String
    /// All rows by which it is found.
    let rows: [IndexRow]
  }

  /// What entities became; nil for gone.
  private(set) var entities: [EntityPlace: Written?] = [:]
  /// Who has a unique value now; nil for nobody.
  private(set) var holders: [UniqueKey: ExactText?] = [:]
  /// Who names an entity now, and who does no more.
  private(set) var children: [EntityPlace: [ChildKey: Bool]] = [:]
  /// Every change; the last of an entity's counts for the order.
  private var order: [EntityPlace] = []

  var isEmpty: Bool { self.order.isEmpty }

  /// - Parameter former: the rows of what the entity was.
  mutating func set(_ written: Written?, at place: EntityPlace, former: [IndexRow]) {
    self.entities[place] = .some(written)
    self.order.append(place)
    for (list, isThere) in [(former, false), (written?.rows ?? [], true)] {
      for row in list {
        switch row {
        case .unique(let key, let id): self.holders[key] = .some(isThere ? id : nil)
        case .child(let key): self.children[key.parent, default: [:]][key] = isThere
        case .tag, .expiring: break
        }
      }
    }
  }

  /// The places that were changed, in the order of their last changes.
  var places: [EntityPlace] {
    var seen: Set<EntityPlace> = []
    return self.order.reversed().filter { seen.insert($0).inserted }.reversed()
  }
}
