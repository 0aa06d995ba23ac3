// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Routes by their handles, in pages: a change copies one page and the list of pages, not every pointer.
/// Copies share what they do not change.
public struct RouteTable: Sendable {
  private static let pageSize = 256

  private var pages: [[RouteRuntime?]] = []

  public init() {}

  /// The route with that handle; nil for a handle that has none.
  public subscript(handle: Int) -> RouteRuntime? {
    guard handle >= 0, handle / RouteTable.pageSize < self.pages.count else { return nil }
    return self.pages[handle / RouteTable.pageSize][handle % RouteTable.pageSize]
  }

  /// Sets some handles' routes; nil empties a handle.
  public mutating func set(_ changes: [(handle: Int, route: RouteRuntime?)]) {
    let byPage = Dictionary(grouping: changes.filter { $0.handle >= 0 }) { $0.handle / RouteTable.pageSize }
    guard let last = byPage.keys.max() else { return }
    let empty = [RouteRuntime?](repeating: nil, count: RouteTable.pageSize)
    while self.pages.count <= last { self.pages.append(empty) }
    for (number, changes) in byPage {
      for change in changes { self.pages[number][change.handle % RouteTable.pageSize] = change.route }
    }
  }
}
