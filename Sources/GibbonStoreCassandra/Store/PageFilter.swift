// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema
internal import GibbonStore

/// Which entities belong on a page.
struct PageFilter: Sendable {
  let collection: EntityCollection
  private let request: PageRequest
  private let now: Double

  init(_ request: PageRequest, _ collection: EntityCollection, now: Double) {
    self.request = request
    self.collection = collection
    self.now = now
  }

  func matches(_ entity: StoredEntity) -> Bool {
    guard entity.isAlive(at: self.now) else { return false }
    if let workspace = self.request.workspace, self.collection.layout.isWorkspaceable, entity.workspace != workspace {
      return false
    }
    if let parent = self.request.parent {
      guard let id = entity.object[parent.field]?["id"]?.stringValue, ExactText(id) == ExactText(parent.id) else {
        return false
      }
    }
    guard let tags = self.request.tags else { return true }
    let own = Set((entity.object["tags"]?.arrayValue ?? []).compactMap { $0.stringValue.map(ExactText.init) })
    switch tags {
    case .all(let wanted): return wanted.allSatisfy { own.contains(ExactText($0)) }
    case .any(let wanted): return wanted.contains { own.contains(ExactText($0)) }
    }
  }
}
