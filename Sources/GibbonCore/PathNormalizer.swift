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
      if previous == 0x2F, byte == 0x2F || byte == 0x2E { return false }
      previous = byte
    }
    return path.count > 0 && path[0] == 0x2F
  }

  /// Appends the normal form of `path`; an empty path becomes `/`.
  public static func normalize(_ path: Span<UInt8>, into output: inout ByteBuffer) {
    let segments = split(decode(path))
    var kept: [[UInt8]] = []
    var endsWithSlash = false
    for (index, segment) in segments.enumerated() {
      let isLast = index == segments.count - 1
      endsWithSlash = segment.isEmpty || segment == [0x2E] || segment == [0x2E, 0x2E]
      if segment == [0x2E, 0x2E] { kept = kept.dropLast() }
      if !endsWithSlash { kept.append(segment) } else if !isLast { continue }
    }
    for segment in kept {
      output.append(UInt8(ascii: "/"))
      output.append(segment)
    }
    if kept.isEmpty || endsWithSlash { output.append(UInt8(ascii: "/")) }
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

  /// Whether an escape of this byte must stay an escape: `!*'();:@&=+$,/?%#[]`.
  private static func isReserved(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x21, 0x23...0x2C, 0x2F, 0x3A, 0x3B, 0x3D, 0x3F, 0x40, 0x5B, 0x5D: true
    default: false
    }
  }

  private static func decode(_ path: Span<UInt8>) -> [UInt8] {
    var output = ByteBuffer()
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
    return output.span.array
  }

  private static func append(escaped byte: UInt8, to output: inout ByteBuffer) {
    output.append(UInt8(ascii: "%"))
    for digit in [byte >> 4, byte & 15] {
      output.append(digit.upperHexDigit)
    }
  }

  /// The segments after the leading slash.
  private static func split(_ path: [UInt8]) -> [[UInt8]] {
    let body = path.first == 0x2F ? path[1...] : path[...]
    return body.split(separator: 0x2F, omittingEmptySubsequences: false).map(Array.init)
  }
}
