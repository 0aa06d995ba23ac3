// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The nearest known name to a mistyped one.
public enum Suggestion {
  static func nearest(to name: String, among candidates: [String]) -> String? {
    let limit = max(2, min(name.utf8.count, 64) / 4)
    var best: (name: String, distance: Int)?
    for candidate in candidates {
      let distance = Self.distance(Array(name.utf8.prefix(128)), Array(candidate.utf8), limit: limit)
      if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
  }

  /// `; did you mean 'x'?`, or nothing where no name is near.
  public static func hint(for name: String, among candidates: [String]) -> String {
    Self.nearest(to: name, among: candidates).map { "; did you mean '\($0)'?" } ?? ""
  }

  /// Edits (insert, delete, replace, swap of neighbours) between the two; more than `limit` counts as `limit + 1`.
  static func distance(_ left: [UInt8], _ right: [UInt8], limit: Int) -> Int {
    if abs(left.count - right.count) > limit { return limit + 1 }
    var before: [Int] = []
    var previous = Array(0...right.count)
    for row in 0..<left.count {
      var current = [row + 1]
      for column in 0..<right.count {
        let cost = left[row] == right[column] ? 0 : 1
        var edits = min(previous[column] + cost, previous[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          edits = min(edits, before[column - 1] + 1)
        }
        current.append(edits)
      }
      before = previous
      previous = current
    }
    return min(previous[right.count], limit + 1)
  }
}
