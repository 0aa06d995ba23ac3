// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A text that equals another only byte by byte and is ordered by its bytes, as databases do it. To `String`, a letter
/// with an accent is the same as the letter and the accent.
package struct ExactText: Sendable, Hashable, Comparable {
  package let text: String

  package init(_ text: String) { self.text = text }

  package static func == (left: ExactText, right: ExactText) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

  package static func < (left: ExactText, right: ExactText) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  // Texts of the same bytes have the same hash; the few others that share it are told apart above.
  package func hash(into hasher: inout Hasher) { hasher.combine(self.text) }
}

/// Distinct texts in order.
struct SortedTexts: Sendable {
  private var texts: [ExactText] = []

  var isEmpty: Bool { self.texts.isEmpty }
  var first: ExactText? { self.texts.first }
  var all: ArraySlice<ExactText> { self.texts[...] }

  /// Those behind a text, which need not be among them.
  func after(_ text: ExactText?) -> ArraySlice<ExactText> {
    guard let text else { return self.all }
    let position = self.position(of: text)
    let isThere = position < self.texts.count && self.texts[position] == text
    return self.texts[(isThere ? position + 1 : position)...]
  }

  /// Those from a text on.
  func from(_ text: ExactText) -> ArraySlice<ExactText> { self.texts[self.position(of: text)...] }

  mutating func insert(_ text: ExactText) {
    // Entities that come in order, as from a file, need no search.
    if self.texts.last.map({ $0 < text }) ?? true {
      self.texts.append(text)
      return
    }
    let position = self.position(of: text)
    if self.texts[position] != text { self.texts.insert(text, at: position) }
  }

  mutating func remove(_ text: ExactText) {
    let position = self.position(of: text)
    if position < self.texts.count, self.texts[position] == text { self.texts.remove(at: position) }
  }

  /// Of the first text that is not before this one.
  private func position(of text: ExactText) -> Int {
    var low = 0
    var high = self.texts.count
    while low < high {
      let middle = (low + high) / 2
      if self.texts[middle] < text { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// Several sorted lists as one, without duplicates.
struct MergedTexts: Sequence, IteratorProtocol {
  private var lists: [ArraySlice<ExactText>]

  init(_ lists: [ArraySlice<ExactText>]) { self.lists = lists }

  mutating func next() -> ExactText? {
    guard let least = self.lists.lazy.compactMap(\.first).min() else { return nil }
    for index in self.lists.indices where self.lists[index].first == least { self.lists[index].removeFirst() }
    return least
  }
}
