// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// What stands at the start of a line of a header or trailer section.
enum FieldLine {
  /// A whole field line; the next line starts at `next`.
  case field(HeaderField, next: Int)
  /// The empty line; what follows the section starts at `next`.
  case endOfSection(next: Int)
  /// The line goes on beyond the window, and nothing is wrong with it so far.
  case incomplete
  case failed(HeadError.Kind)

  /// Reads the line that starts at `start`, going on where `scan` says an earlier call stopped, so
  /// that every byte is looked at once. Nothing at or after `end` is looked at; the answer for a
  /// prefix is final unless it is `incomplete`.
  ///
  /// Field values keep to RFC 9110, section 5.5. A client's line ends are CRLF and nothing else (RFC 9112,
  /// section 2.2 lets a recipient take a bare LF; two hops that disagree about that can be made to
  /// see different messages, so Gibbon does not). A service's may be a bare LF (`takesBareLineFeed`), which
  /// `scan` then tells, for nothing may follow on that connection.
  ///
  /// Always inlined: it has one caller per parser, and its result must not go through memory.
  @inline(__always)
  static func read(
    _ input: Span<UInt8>, from start: Int, to end: Int, _ scan: inout LineScan, takesBareLineFeed: Bool
  ) -> FieldLine {
    var index = max(start, scan.position)
    var nameEnd = scan.nameEnd
    if nameEnd < 0 {
      while index < end, ByteSet.token.contains(input[index]) { index &+= 1 }
      guard index < end else {
        scan.position = index
        return .incomplete
      }
      guard input[index] == UInt8(ascii: ":"), index > start else {
        if takesBareLineFeed, index == start, input[index] == .lineFeed {
          scan.hasBareLineFeed = true
          return .endOfSection(next: index &+ 1)
        }
        return Self.withoutName(input, from: start, at: index, to: end)
      }
      nameEnd = index
      index &+= 1
    }
    index = input.endOfText(from: index, to: end)
    var next = index &+ 2
    if next > end || input[index] != .carriageReturn || input[index &+ 1] != .lineFeed {
      guard takesBareLineFeed, index < end, input[index] == .lineFeed else {
        scan.nameEnd = nameEnd
        scan.position = index
        return Self.withoutEnd(input, at: index, to: end)
      }
      scan.hasBareLineFeed = true
      next = index &+ 1
    }
    let value = input.trimmed(nameEnd &+ 1, index)
    let known = KnownField.of(input.extracting(start..<nameEnd))
    let field = HeaderField(name: ByteRange(offset: start, count: nameEnd &- start), value: value, known: known)
    return .field(field, next: next)
  }

  /// The text of the value ends at `index`, and no CRLF stands there.
  @inline(never)
  private static func withoutEnd(_ input: Span<UInt8>, at index: Int, to end: Int) -> FieldLine {
    guard index < end else { return .incomplete }
    switch input[index] {
    case .carriageReturn: return index &+ 1 < end ? .failed(.bareCarriageReturn) : .incomplete
    case .lineFeed: return .failed(.bareLineFeed)
    default: return .failed(.controlByte)
    }
  }

  /// The line does not begin with a name and a colon: it is the empty line, or it is wrong.
  @inline(never)
  private static func withoutName(_ input: Span<UInt8>, from start: Int, at index: Int, to end: Int) -> FieldLine {
    let byte = input[index]
    if index > start {
      switch byte {
      case .space, .tab: return .failed(.whitespaceBeforeColon)
      case .carriageReturn, .lineFeed: return .failed(.missingColon)
      default: return .failed(.invalidFieldName)
      }
    }
    switch byte {
    case .carriageReturn:
      guard index &+ 1 < end else { return .incomplete }
      return input[index &+ 1] == .lineFeed ? .endOfSection(next: index &+ 2) : .failed(.bareCarriageReturn)
    case .lineFeed: return .failed(.bareLineFeed)
    case .space, .tab: return .failed(.foldedLine)
    case UInt8(ascii: ":"): return .failed(.emptyFieldName)
    default: return .failed(.invalidFieldName)
    }
  }
}
