// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonRegex

/// What the index knows of a path pattern: text that must come first, and places where the rest of a
/// segment may be anything. A path that a pattern matches always follows its skeleton; the converse
/// is checked by the pattern itself.
struct PathSkeleton: Sendable, Hashable {
  enum Item: Sendable, Hashable {
    case literal([UInt8])

    /// Any bytes up to the next `/` or the end.
    case segmentRest
  }

  private(set) var items: [Item] = []

  /// Wildcards kept per pattern; bounds the recursion of a walk.
  private static let restLimit = 16

  /// Follows every path.
  init() {}

  init(_ pattern: PathPattern) {
    switch pattern {
    case .prefix(let bytes): self.items = bytes.isEmpty ? [] : [.literal(bytes)]
    case .regex(let regex): self = PathSkeleton(regex: regex.pattern)
    }
  }

  init(literal bytes: [UInt8]) {
    self.items = bytes.isEmpty ? [] : [.literal(bytes)]
  }

  /// Reads a pattern that is anchored at its start as far as it is understood.
  init(regex pattern: String) {
    var reader = RegexOutline(pattern)
    for piece in reader.pieces() {
      switch piece {
      case .byte(let byte): self.append(byte)
      case .segmentRest:
        guard self.items.count < 2 * Self.restLimit else { return }
        if self.items.last != .segmentRest { self.items.append(.segmentRest) }
      }
    }
    // A wildcard at the end says nothing.
    if self.items.last == .segmentRest { self.items.removeLast() }
  }

  private mutating func append(_ byte: UInt8) {
    switch self.items.last {
    case .literal(var bytes):
      bytes.append(byte)
      self.items[self.items.count - 1] = .literal(bytes)
    case .segmentRest:
      // What follows in the same segment is swallowed by the wildcard.
      if byte == UInt8(ascii: "/") { self.items.append(.literal([byte])) }
    case nil:
      self.items.append(.literal([byte]))
    }
  }
}
