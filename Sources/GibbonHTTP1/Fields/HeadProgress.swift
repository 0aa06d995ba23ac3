// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// How far a head has been read.
struct HeadProgress: Sendable {
  /// The first byte of the line to read next.
  var lineStart = 0
  var scan = LineScan()
  var hasStartLine = false
  var emptyLines = 0
  var facts = MessageFacts()
  var failure: HeadError?

  /// Goes on to the line at `next`.
  @inline(__always)
  mutating func advance(to next: Int) {
    self.lineStart = next
  }

  /// Like `advance(to:)`, after a line that left something in `scan`.
  mutating func advanceAfresh(to next: Int) {
    self.lineStart = next
    let hasBareLineFeed = self.scan.hasBareLineFeed
    self.scan = LineScan()
    self.scan.hasBareLineFeed = hasBareLineFeed
  }

  /// The line is not whole: fails with `kind` if its window, which ends at `limit`, is used up.
  mutating func wait(_ input: Span<UInt8>, limit: Int, orFail kind: HeadError.Kind) -> ParseResult {
    input.count >= limit ? self.fail(kind) : .needMoreData
  }

  mutating func fail(_ kind: HeadError.Kind) -> ParseResult {
    let error = HeadError(kind)
    self.failure = error
    return .failed(error)
  }
}
