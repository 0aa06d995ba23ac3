// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a cache forgot while reads of it are under way. What such a read found may be kept unless it is among that:
/// other entries that change meanwhile, as they do during an import, are no reason to read again.
struct ForgottenItems<Item: Sendable>: Sendable {
  private var items: [Item] = []
  /// Items that were forgotten before the first of `items`.
  private var dropped = 0

  /// Items of one read; one that lasts longer than it takes to forget so many is read again.
  private static var limit: Int { 65_536 }

  /// A place between two items, for a read to begin at.
  var now: Int { self.dropped + self.items.count }

  /// - Parameter isRead: whether anybody reads; without, nobody will ask.
  mutating func add(_ item: Item, isRead: Bool) {
    if isRead, self.items.count < Self.limit { return self.items.append(item) }
    self.dropped += self.items.count + 1
    self.items = []
  }

  /// Whether something of what was read since a place is among what was forgotten after it.
  func contains(since place: Int, where isMeant: (Item) -> Bool) -> Bool {
    guard place >= self.dropped else { return true }
    return self.items.dropFirst(place - self.dropped).contains(where: isMeant)
  }
}
