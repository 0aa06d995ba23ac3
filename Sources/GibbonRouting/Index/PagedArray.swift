// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// An array whose copies share all pages that neither has changed: a change after a copy costs a few
/// pages, whatever the length. Elements are never moved, so an index stays valid.
///
/// A page has 2 to the power of `shift` elements. Plain bytes want large pages, whose heads, which every access reads,
/// stay in the cache; elements with references want small ones, since a copy counts each of them.
struct PagedArray<Element: Sendable, let shift: Int>: Sendable {
  private var sections: [[[Element]]] = []
  private(set) var count: Int = 0

  private static var mask: Int { 1 << shift - 1 }
  /// Pages of a section.
  private static var sectionShift: Int { 7 }
  private static var sectionMask: Int { 127 }

  init() {}

  mutating func append(_ element: Element) -> UInt32 {
    let index = self.count
    let page = index >> shift
    if page & Self.sectionMask == 0, index & Self.mask == 0 { self.sections.append([]) }
    let section = page >> Self.sectionShift
    if index & Self.mask == 0 {
      var fresh: [Element] = []
      fresh.reserveCapacity(1 << shift)
      self.sections[section].append(fresh)
    }
    self.sections[section][page & Self.sectionMask].append(element)
    self.count &+= 1
    return UInt32(truncatingIfNeeded: index)
  }

  subscript(index: UInt32) -> Element {
    @inline(__always)
    get {
      let page = Int(index) &>> shift
      return self.sections[page &>> Self.sectionShift][page & Self.sectionMask][Int(index) & Self.mask]
    }
    @inline(__always)
    _modify {
      let page = Int(index) &>> shift
      yield &self.sections[page &>> Self.sectionShift][page & Self.sectionMask][Int(index) & Self.mask]
    }
  }
}
