// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A pattern of the kind that can be searched in linear time, as a tree.
indirect enum LinearNode: Sendable {
  case empty
  case set(ByteSet)
  case assertion(LinearAssertion)
  case sequence([LinearNode])
  /// The earlier one is preferred.
  case alternatives([LinearNode])
  case group(LinearNode, number: Int)
  case repeated(LinearNode, Repetition)

  struct Repetition: Sendable, Equatable {
    var minimum: Int
    /// nil without an end.
    var maximum: Int?
    var isGreedy = true
  }

  /// Whether it can match without taking a byte.
  var mayBeEmpty: Bool {
    switch self {
    case .empty, .assertion: true
    case .set: false
    case .sequence(let parts): parts.allSatisfy(\.mayBeEmpty)
    case .alternatives(let parts): parts.contains(where: \.mayBeEmpty)
    case .group(let inner, _): inner.mayBeEmpty
    case .repeated(let inner, let repetition): repetition.minimum == 0 || inner.mayBeEmpty
    }
  }
}

/// A condition on a place between two bytes.
enum LinearAssertion: Sendable {
  case textStart, textEnd
  /// The end, or before a line feed that ends the text.
  case lastLineEnd
  case lineStart, lineEnd
  case wordBoundary, noWordBoundary

  func holds(_ text: borrowing Span<UInt8>, at position: Int) -> Bool {
    let count = text.count
    switch self {
    case .textStart: return position == 0
    case .textEnd: return position == count
    case .lastLineEnd: return position == count || (position &+ 1 == count && text[position] == 0x0A)
    case .lineStart: return position == 0 || (position < count && text[position &- 1] == 0x0A)
    case .lineEnd: return position == count || text[position] == 0x0A
    case .wordBoundary, .noWordBoundary:
      let isAfterWord = position > 0 && ByteSet.words.contains(text[position &- 1])
      let isBeforeWord = position < count && ByteSet.words.contains(text[position])
      return (isAfterWord != isBeforeWord) == (self == .wordBoundary)
    }
  }
}
