// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// A status line cut into its parts: `version SP status SP [ reason ] CRLF` (RFC 9112, section 4). A bare LF
/// ends it too.
struct StatusLine {
  enum Outcome {
    case whole(StatusLine, next: Int)
    case incomplete
    case failed(HeadError.Kind)
  }

  var version: HTTPVersion
  var status: UInt16
  var reason: ByteRange

  /// Reads the line that starts at `start`; looks at nothing from `end` on, and again only at its first
  /// few bytes. The space before an empty reason may be missing, as real servers have it.
  static func read(_ input: Span<UInt8>, from start: Int, to end: Int, _ scan: inout LineScan) -> Outcome {
    let version: HTTPVersion?
    switch VersionText.read(input, from: start, to: end) {
    case .incomplete: return .incomplete
    case .malformed: return .failed(.invalidStatusLine)
    case .unsupported: version = nil
    case .known(let known): version = known
    }
    var index = start &+ 8
    var status: UInt16 = 0
    while index < end, index < start &+ 12 {
      let byte = input[index]
      guard index == start &+ 8 ? byte == .space : byte.isASCIIDigit else { return .failed(.invalidStatusLine) }
      if index > start &+ 8 { status = status &* 10 &+ UInt16(byte &- 0x30) }
      index &+= 1
    }
    guard index < end else { return .incomplete }
    guard status >= 100 else { return .failed(.invalidStatusLine) }
    switch input[index] {
    case .space: index &+= 1
    case .carriageReturn, .lineFeed: break
    default: return .failed(.invalidStatusLine)
    }
    let reasonStart = index
    index = input.endOfText(from: max(index, scan.position), to: end)
    scan.position = index
    guard index < end else { return .incomplete }
    let reasonEnd = index
    if input[index] == .lineFeed {
      scan.hasBareLineFeed = true
    } else {
      guard input[index] == .carriageReturn else { return .failed(.controlByte) }
      index &+= 1
      guard index < end else { return .incomplete }
      guard input[index] == .lineFeed else { return .failed(.bareCarriageReturn) }
    }
    guard let version else { return .failed(.unsupportedVersion) }
    let line = StatusLine(version: version, status: status, reason: ByteRange(reasonStart..<reasonEnd))
    return .whole(line, next: index &+ 1)
  }
}
