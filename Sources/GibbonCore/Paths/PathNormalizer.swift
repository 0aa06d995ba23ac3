// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The normal form of a request path, the one routes are matched against (Kong's `normalize`): escapes
/// decoded except those of reserved characters, which keep theirs in upper case; `.` and `..` segments
/// resolved; repeated slashes merged. `escape` makes it fit to be sent again.
public enum PathNormalizer {
  /// Characters sent on unescaped: unreserved and `!#$&'()*+,/:;=?@[]`.
  @inline(__always)
  static func staysLiteral(_ byte: UInt8) -> Bool {
    if byte >= 0x80 { return false }
    let low: UInt64 = 0xAFFF_FFDA_0000_0000  // ! # $ & ' ( ) * + , - . / 0-9 : ; = ?
    let high: UInt64 = 0x47FF_FFFE_AFFF_FFFF  // @ A-Z [ ] _ a-z ~
    return (byte < 64 ? low >> UInt64(byte) : high >> UInt64(byte - 64)) & 1 == 1
  }

  /// Whether the path is in normal form already, which nearly all are.
  public static func isNormal(_ path: Span<UInt8>) -> Bool {
    var previous: UInt8 = 0
    for index in path.indices {
      let byte = path[index]
      if !staysLiteral(byte) { return false }
      // A dot segment, an empty one, or one that is all parameters (`PathAmbiguity`) may begin here.
      if previous == 0x2F, byte == 0x2F || byte == 0x2E || byte == 0x3B { return false }
      previous = byte
    }
    return path.count > 0 && path[0] == 0x2F
  }

  /// Appends the normal form of `path`; an empty path becomes `/`. Linear in the path's length.
  ///
  /// - Returns: why the path should not be served, if so. The output is complete all the same.
  @discardableResult
  public static func normalize(_ path: Span<UInt8>, into output: inout ByteBuffer) -> PathFlaws {
    let decoded = self.decode(path)
    let bytes = decoded.span
    var flaws: PathFlaws = PathAmbiguity.isFound(in: bytes) ? .ambiguous : []
    var kept: [Range<Int>] = []
    var endsWithSlash = false
    var start = bytes.count > 0 && bytes[0] == slash ? 1 : 0
    while start <= bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != slash { end += 1 }
      let dots = bytes.dotSegment(start..<end)
      endsWithSlash = start == end || dots > 0
      if dots == 2 {
        if kept.popLast() == nil { flaws.insert(.aboveRoot) }
      } else if !endsWithSlash {
        kept.append(start..<end)
      }
      start = end + 1
    }
    for segment in kept {
      output.append(slash)
      output.append(bytes.extracting(segment))
    }
    if kept.isEmpty || endsWithSlash { output.append(slash) }
    return flaws
  }

  /// What a service could resolve in a path that is sent to it as it is: dot segments, and what may become some.
  public static func flaws(ofUnnormalized path: Span<UInt8>) -> PathFlaws {
    let decoded = self.decode(path)
    let bytes = decoded.span
    var flaws: PathFlaws = PathAmbiguity.isFound(in: bytes) ? .ambiguous : []
    var start = 0
    while start <= bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != slash { end += 1 }
      if bytes.dotSegment(start..<end) > 0 { flaws.insert(.dotSegments) }
      start = end + 1
    }
    return flaws
  }

  /// Appends `path` with every byte that may not stand in a path as `%XX`; `%` itself is left alone,
  /// since in a normal path it begins an escape.
  public static func escape(_ path: Span<UInt8>, into output: inout ByteBuffer) {
    for index in path.indices {
      let byte = path[index]
      if staysLiteral(byte) || byte == UInt8(ascii: "%") {
        output.append(byte)
      } else {
        append(escaped: byte, to: &output)
      }
    }
  }

  /// Appends a query that something made, with every byte that may not stand in one as `%XX`; a space becomes `+`. What
  /// is escaped already stays as it is.
  public static func escapeQuery(_ query: Span<UInt8>, into output: inout ByteBuffer) {
    for index in query.indices {
      let byte = query[index]
      if byte == 0x20 {
        output.append(UInt8(ascii: "+"))
      } else if byte < 0x20 || byte >= 0x7F || byte == UInt8(ascii: "#") {
        append(escaped: byte, to: &output)
      } else {
        output.append(byte)
      }
    }
  }

  /// Appends text with the bytes beyond ASCII as `%XX`: what a client may send in a target unescaped.
  public static func escapeHighBytes(_ text: Span<UInt8>, into output: inout ByteBuffer) {
    for index in text.indices {
      if text[index] < 0x80 { output.append(text[index]) } else { append(escaped: text[index], to: &output) }
    }
  }

  /// Whether an escape of this byte must stay an escape: `!*'();:@&=+$,/?%#[]`.
  private static func isReserved(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x21, 0x23...0x2C, 0x2F, 0x3A, 0x3B, 0x3D, 0x3F, 0x40, 0x5B, 0x5D: true
    default: false
    }
  }

  private static func decode(_ path: Span<UInt8>) -> ByteBuffer {
    var output = ByteBuffer()
    output.reserve(path.count)
    var index = 0
    while index < path.count {
      let byte = path[index]
      if byte == UInt8(ascii: "%"), index + 2 < path.count, let high = path[index + 1].hexDigitValue,
        let low = path[index + 2].hexDigitValue
      {
        let decoded = high << 4 | low
        if isReserved(decoded) { append(escaped: decoded, to: &output) } else { output.append(decoded) }
        index += 3
      } else {
        output.append(byte)
        index += 1
      }
    }
    return output
  }

  private static func append(escaped byte: UInt8, to output: inout ByteBuffer) {
    output.append(UInt8(ascii: "%"))
    for digit in [byte >> 4, byte & 15] {
      output.append(digit.upperHexDigit)
    }
  }

  private static let slash = UInt8(ascii: "/")
}

/// What is wrong with a path that can be read in more than one way.
public struct PathFlaws: OptionSet, Sendable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// `..` leads above the root: `/../x`, `/a/%2e%2e/../b`.
  public static let aboveRoot = PathFlaws(rawValue: 1)
  /// See `PathAmbiguity`.
  public static let ambiguous = PathFlaws(rawValue: 2)
  /// `.` or `..` as a segment, where a path is not normalised.
  public static let dotSegments = PathFlaws(rawValue: 4)
}

extension Span<UInt8> {
  /// 1 or 2 for the segments `.` and `..`, 0 for any other.
  func dotSegment(_ segment: Range<Int>) -> Int {
    guard segment.count == 1 || segment.count == 2 else { return 0 }
    for index in segment where self[index] != UInt8(ascii: ".") { return 0 }
    return segment.count
  }
}
