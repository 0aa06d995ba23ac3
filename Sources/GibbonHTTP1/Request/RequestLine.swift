// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// A request line cut into its parts: `method SP target SP version CRLF` (RFC 9112, section 3), with
/// exactly one SP between them.
struct RequestLine {
  enum Outcome {
    case whole(RequestLine, next: Int)
    case incomplete
    case failed(HeadError.Kind)
  }

  var method: ByteRange
  var target: ByteRange
  var version: HTTPVersion
  /// Where the first `?` and the first `#` of the target are, or its end.
  var questionMark: Int
  var numberSign: Int
  var hasPercent: Bool
  var hasHighBytes: Bool

  /// Reads the line that starts at `start`, going on where `scan` says an earlier call stopped; looks
  /// at nothing from `end` on.
  @inline(__always)
  static func read(_ input: Span<UInt8>, from start: Int, to end: Int, _ scan: inout LineScan) -> Outcome {
    var index = max(start, scan.position)
    if scan.nameEnd < 0 {
      while index < end, ByteSet.method.contains(input[index]) { index &+= 1 }
      scan.position = index
      guard index < end else { return .incomplete }
      guard input[index] == .space, index > start else { return .failed(.invalidMethod) }
      scan.nameEnd = index
      index &+= 1
    }
    if scan.targetEnd < 0 {
      index = Self.endOfTarget(input, from: index, to: end, &scan)
      scan.position = index
      guard index < end else { return .incomplete }
      scan.targetEnd = index
    }
    return Self.afterTarget(input, from: start, to: end, scan)
  }

  /// The first place from `index` whose byte does not belong to a target, or `end`.
  @inline(__always)
  static func endOfTarget(
    _ input: Span<UInt8>, from start: Int, to end: Int, _ scan: inout LineScan
  ) -> Int {
    var index = start
    while index < end {
      let byte = input[index]
      if !ByteSet.plainTarget.contains(byte) {
        switch byte {
        case UInt8(ascii: "?"): if scan.questionMark < 0 { scan.questionMark = index }
        case UInt8(ascii: "#"): if scan.numberSign < 0 { scan.numberSign = index }
        case UInt8(ascii: "%"): scan.hasPercent = true
        case 0x80...: scan.hasHighBytes = true
        default: return index
        }
      }
      index &+= 1
    }
    return index
  }

  /// Reads on at the byte that ended the target.
  private static func afterTarget(
    _ input: Span<UInt8>, from start: Int, to end: Int, _ scan: LineScan
  ) -> Outcome {
    let (targetStart, targetEnd) = (scan.nameEnd &+ 1, scan.targetEnd)
    guard input[targetEnd] == .space else {
      switch input[targetEnd] {
      // A line of HTTP/0.9.
      case .carriageReturn, .lineFeed: return .failed(.missingVersion)
      default: return .failed(.invalidTarget)
      }
    }
    if targetEnd == targetStart { return .failed(.invalidRequestLine) }
    let line = RequestLine(
      method: ByteRange(offset: start, count: scan.nameEnd &- start),
      target: ByteRange(offset: targetStart, count: targetEnd &- targetStart), version: .http11,
      questionMark: scan.questionMark < 0 ? targetEnd : scan.questionMark,
      numberSign: scan.numberSign < 0 ? targetEnd : scan.numberSign, hasPercent: scan.hasPercent,
      hasHighBytes: scan.hasHighBytes)
    switch VersionText.read(input, from: targetEnd &+ 1, to: end) {
    case .incomplete: return .incomplete
    case .malformed: return .failed(.invalidVersion)
    case .known(let version): return line.end(input, at: targetEnd &+ 9, to: end, version: version)
    case .unsupported: return line.end(input, at: targetEnd &+ 9, to: end, version: nil)
    }
  }

  private func end(_ input: Span<UInt8>, at index: Int, to end: Int, version: HTTPVersion?) -> Outcome {
    guard index < end else { return .incomplete }
    guard input[index] == .carriageReturn else {
      return .failed(input[index] == .lineFeed ? .bareLineFeed : .invalidVersion)
    }
    guard index &+ 1 < end else { return .incomplete }
    guard input[index &+ 1] == .lineFeed else { return .failed(.bareCarriageReturn) }
    guard let version else { return .failed(.unsupportedVersion) }
    var line = self
    line.version = version
    return .whole(line, next: index &+ 2)
  }
}
