// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// The parts of a path between its slashes; empty ones at the end do not count.
enum PathSegments {
  private static func end(of path: Span<UInt8>) -> Int {
    var end = path.count
    while end > 0, path[end &- 1] == UInt8(ascii: "/") { end &-= 1 }
    return end
  }

  static func count(of path: Span<UInt8>) -> Int {
    let end = self.end(of: path)
    guard end > 1 else { return 0 }
    var count = 1
    for index in 1..<end where path[index] == UInt8(ascii: "/") { count &+= 1 }
    return count
  }

  /// The bytes from the first of these segments to the end of the last, slashes between them included.
  static func range(_ first: Int, _ last: Int, of path: Span<UInt8>) -> Range<Int>? {
    let end = self.end(of: path)
    guard end > 1 else { return nil }
    var segment = 0
    var start = 1
    var lower: Int?
    for index in 1...end where index == end || path[index] == UInt8(ascii: "/") {
      if segment == first { lower = start }
      if segment == last, let lower { return lower..<index }
      segment &+= 1
      start = index &+ 1
    }
    return nil
  }
}
