// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

/// What the name of an argument says about the place of its value, in Kong's syntax.
///
/// `a.b` is a member, `a[b]` too, `a[1]` an element by its position from 1, `a[]` the next element. A name
/// that begins or ends with a dot stands for itself. Brackets may be percent-encoded once more than the
/// form's encoding.
struct ArgumentName: Sendable, Hashable {
  /// Levels of one name; Kong has no limit.
  static let maxDepth = 64

  enum Step: Sendable, Hashable {
    case member(String)
    case element(Int)
    case next
  }

  /// The steps between two dots; none is empty. The dot matters after `[]`, which then says nothing.
  let segments: [[Step]]

  /// nil beyond the limit of levels.
  init?(_ name: String) {
    let raw = Array(name.utf8)
    let dot = UInt8(ascii: ".")
    guard raw.first != dot, raw.last != dot else {
      self.segments = [[.member(name)]]
      return
    }
    let bytes = Self.unescapingBrackets(raw)
    var segments: [[Step]] = []
    var depth = 0
    let lastBracket = bytes.lastIndex(of: UInt8(ascii: "]")) ?? -1
    var index = 0
    while index < bytes.count {
      guard bytes[index] != dot else {
        index += 1
        continue
      }
      let start = index
      while index < bytes.count, bytes[index] != dot {
        index += 1
        // Dots between brackets separate nothing.
        while index < lastBracket, bytes[index] == UInt8(ascii: "["),
          let close = bytes[index...].firstIndex(of: UInt8(ascii: "]"))
        {
          index = close + 1
        }
      }
      guard let steps = Self.steps(of: bytes[start..<index], limit: Self.maxDepth - depth) else { return nil }
      depth += steps.count
      segments.append(steps)
    }
    self.segments = segments.isEmpty ? [[.member(name)]] : segments
  }

  /// The name before the first bracket, then what each pair of brackets says. A bracket in the first place is
  /// part of the name.
  private static func steps(of bytes: ArraySlice<UInt8>, limit: Int) -> [Step]? {
    guard limit > 0 else { return nil }
    let open = UInt8(ascii: "[")
    let close = UInt8(ascii: "]")
    guard let first = bytes.dropFirst().firstIndex(of: open), let last = bytes.lastIndex(of: close), first < last
    else { return [.member(String(decoding: bytes, as: UTF8.self))] }
    var steps = [Self.step(bytes[..<first])]
    var index = first
    while index < last, let start = bytes[index..<last].firstIndex(of: open),
      let end = bytes[start...].firstIndex(of: close)
    {
      guard steps.count < limit else { return nil }
      steps.append(Self.step(bytes[(start + 1)..<end]))
      index = end + 1
    }
    return steps
  }

  /// What Lua takes for a number is a position; nothing is reserved for the ones before it.
  private static func step(_ bytes: ArraySlice<UInt8>) -> Step {
    if bytes.isEmpty { return .next }
    let text = String(decoding: bytes, as: UTF8.self)
    if let position = LuaNumber.value(of: text)?.intValue { return .element(position) }
    return .member(text)
  }

  /// `%5B…%5D` as brackets, in pairs from the left.
  private static func unescapingBrackets(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.contains(UInt8(ascii: "%")) else { return bytes }
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var index = 0
    var hasMore = true
    while index < bytes.count {
      if hasMore, Self.isEscape(of: UInt8(ascii: "b"), at: index, in: bytes) {
        if let end = (index + 3..<bytes.count).first(where: { Self.isEscape(of: UInt8(ascii: "d"), at: $0, in: bytes) })
        {
          output.append(UInt8(ascii: "["))
          output += bytes[(index + 3)..<end]
          output.append(UInt8(ascii: "]"))
          index = end + 3
          continue
        }
        hasMore = false
      }
      output.append(bytes[index])
      index += 1
    }
    return output
  }

  /// Whether `%5` and that letter, in either case, stand at `index`.
  private static func isEscape(of letter: UInt8, at index: Int, in bytes: [UInt8]) -> Bool {
    index + 2 < bytes.count && bytes[index] == UInt8(ascii: "%") && bytes[index + 1] == UInt8(ascii: "5")
      && bytes[index + 2].asciiLowercased == letter
  }
}
