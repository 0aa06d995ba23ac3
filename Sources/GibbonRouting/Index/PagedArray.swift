// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// An array whose copies share all pages that neither has changed: a change after a copy costs a few
/// pages, whatever the length. Elements are never moved, so an index stays valid.
struct PagedArray<Element: Sendable>: Sendable {
  private var sections: [[[Element]]] = []
  private(set) var count: Int = 0

  private static var shift: Int { 7 }
  private static var mask: Int { 127 }

  init() {}

  mutating func append(_ element: Element) -> UInt32 {
    let index = self.count
    let page = index >> Self.shift
    if page & Self.mask == 0, index & Self.mask == 0 { self.sections.append([]) }
    let section = page >> Self.shift
    if index & Self.mask == 0 {
      var fresh: [Element] = []
      fresh.reserveCapacity(1 << Self.shift)
      self.sections[section].append(fresh)
    }
    self.sections[section][page & Self.mask].append(element)
    self.count &+= 1
    return UInt32(truncatingIfNeeded: index)
  }

  subscript(index: UInt32) -> Element {
    @inline(__always)
    get {
      let page = Int(index) &>> Self.shift
      return self.sections[page &>> Self.shift][page & Self.mask][Int(index) & Self.mask]
    }
    @inline(__always)
    _modify {
      let page = Int(index) &>> Self.shift
      yield &self.sections[page &>> Self.shift][page & Self.mask][Int(index) & Self.mask]
    }
  }
}
