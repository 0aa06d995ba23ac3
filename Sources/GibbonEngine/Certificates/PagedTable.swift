// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What stands in a `PagedTable`.
protocol HashedItem: Sendable {
  /// The hash of what it is looked up by, with the process's random seed.
  var hash: Int { get }
}

/// A hash table whose copies share what they do not change.
///
/// Items lie in pages by their hash, 32 in one at most on average. A change copies the pages that it touches and the
/// list of pages: of 200,000 items that is a list of 8,192 references, a matter of about a millisecond when none of
/// them is in the processor's cache. A trie would save that and needs a walk over several nodes for each look-up,
/// which handshakes pay and changes do not; a look-up here is one index and one scan over a page.
struct PagedTable<Item: HashedItem>: Sendable {
  private static var pageLoad: Int { 32 }

  /// A power of two of them, or none.
  private var pages: [[Item]] = []
  private(set) var count = 0

  init() {}

  /// The items that have a hash, or may have it.
  private func page(_ hash: Int) -> Int { hash & (self.pages.count - 1) }

  /// The first item of that hash that is wanted.
  func first(_ hash: Int, where isWanted: (Item) -> Bool) -> Item? {
    if self.pages.isEmpty { return nil }
    for item in self.pages[self.page(hash)] where item.hash == hash && isWanted(item) { return item }
    return nil
  }

  /// The best of the items of that hash that are wanted.
  func best(_ hash: Int, where isWanted: (Item) -> Bool, isBetter: (Item, Item) -> Bool) -> Item? {
    if self.pages.isEmpty { return nil }
    var best: Item?
    for item in self.pages[self.page(hash)] where item.hash == hash && isWanted(item) {
      if best.map({ isBetter(item, $0) }) != false { best = item }
    }
    return best
  }

  /// Makes room, so that what is added next moves nothing.
  mutating func reserve(_ additional: Int) {
    var size = max(1, self.pages.count)
    while size * Self.pageLoad < self.count + additional { size *= 2 }
    self.resize(to: size)
  }

  /// Adds an item, in place of the one that is the same.
  mutating func put(_ item: Item, where isSame: (Item) -> Bool) {
    self.reserve(1)
    let page = self.page(item.hash)
    if let place = self.pages[page].firstIndex(where: { $0.hash == item.hash && isSame($0) }) {
      self.pages[page][place] = item
    } else {
      self.add(item, to: page)
      self.count += 1
    }
  }

  mutating func remove(_ hash: Int, where isSame: (Item) -> Bool) {
    if self.pages.isEmpty { return }
    let page = self.page(hash)
    guard let place = self.pages[page].firstIndex(where: { $0.hash == hash && isSame($0) }) else { return }
    self.pages[page].remove(at: place)
    self.count -= 1
  }

  private mutating func resize(to size: Int) {
    if size == self.pages.count { return }
    let former = self.pages
    self.pages = Array(repeating: [], count: size)
    for items in former {
      for item in items { self.add(item, to: self.page(item.hash)) }
    }
  }

  private mutating func add(_ item: Item, to page: Int) {
    // What an average page needs in the end, so that it does not grow step by step.
    if self.pages[page].isEmpty, self.pages.count > 1 { self.pages[page].reserveCapacity(Self.pageLoad) }
    self.pages[page].append(item)
  }
}
