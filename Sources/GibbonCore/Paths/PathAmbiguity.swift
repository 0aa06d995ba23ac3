// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Paths that the gateway and a service behind it may resolve to different resources.
///
/// The gateway keeps an encoded slash encoded, as Kong does; many services decode it before they resolve dot segments.
/// Then `/x/..%2fadmin` is a path below `/x` for the router and `/admin` for the service. The same goes for backslashes,
/// for parameters that a Java service takes off a segment (`/..;/admin`, `/;/admin`), and for UTF-8 in overlong form.
enum PathAmbiguity {
  /// Whether a decoded path has one of these forms. `%2F` stands for an encoded slash in it; every other byte that need
  /// not be encoded is decoded. Each byte is looked at once.
  ///
  /// - An encoded slash or a backslash beside a dot segment or beside another separator: `..%2fadmin`, `/%2fadmin`.
  /// - A dot segment with parameters, or parameters without a name before another segment: `/..;x/admin`, `/;x/admin`.
  /// - An overlong encoding of `.`, `/` or a backslash: `%c0%af`.
  static func isFound(in path: Span<UInt8>) -> Bool {
    var segment = Segment()
    var index = 0
    while index < path.count {
      let length = self.separatorLength(path, at: index)
      if length > 0 {
        let isForeign = length == 3 || path[index] == backslash
        if segment.isAmbiguous(endsAtForeign: isForeign, isLast: false) { return true }
        segment = Segment(startsAtForeign: isForeign)
        index += length
      } else {
        if self.isOverlong(path, at: index) { return true }
        segment.take(path, at: index)
        index += 1
      }
    }
    return segment.isAmbiguous(endsAtForeign: false, isLast: true)
  }

  private static let backslash = UInt8(ascii: "\\")

  /// The bytes of the separator here; 0 when there is none.
  private static func separatorLength(_ path: Span<UInt8>, at index: Int) -> Int {
    let byte = path[index]
    if byte == UInt8(ascii: "/") || byte == backslash { return 1 }
    guard byte == UInt8(ascii: "%"), index + 2 < path.count, path[index + 1] == UInt8(ascii: "2") else { return 0 }
    return path[index + 2] | 0x20 == UInt8(ascii: "f") ? 3 : 0
  }

  /// Two to four bytes that a lenient decoder reads as `.`, `/` or a backslash (RFC 3629 section 10).
  private static func isOverlong(_ path: Span<UInt8>, at index: Int) -> Bool {
    let (lead, end): (UInt8, Int) =
      switch path[index] {
      case 0xC0, 0xC1: (path[index], index + 1)
      case 0xE0 where index + 1 < path.count && path[index + 1] & 0xFE == 0x80: (path[index + 1] | 0xC0, index + 2)
      case 0xF0 where index + 2 < path.count && path[index + 1] == 0x80 && path[index + 2] & 0xFE == 0x80:
        (path[index + 2] | 0xC0, index + 3)
      default: (0, 0)
      }
    guard lead != 0, end < path.count, path[end] & 0xC0 == 0x80 else { return false }
    switch lead << 6 | path[end] & 0x3F {
    case UInt8(ascii: "."), UInt8(ascii: "/"), backslash: return true
    default: return false
    }
  }

  /// What is known of the segment that is being read.
  private struct Segment {
    var startsAtForeign = false
    /// Bytes of the name, which ends at the first `;`.
    var nameCount = 0
    var isDots = true
    var hasParameters = false

    mutating func take(_ path: Span<UInt8>, at index: Int) {
      guard !self.hasParameters else { return }
      if path[index] == UInt8(ascii: ";") || self.isEncodedSemicolon(path, at: index) {
        self.hasParameters = true
      } else {
        self.nameCount += 1
        if path[index] != UInt8(ascii: ".") { self.isDots = false }
      }
    }

    private func isEncodedSemicolon(_ path: Span<UInt8>, at index: Int) -> Bool {
      path[index] == UInt8(ascii: "%") && index + 2 < path.count && path[index + 1] == UInt8(ascii: "3")
        && path[index + 2] | 0x20 == UInt8(ascii: "b")
    }

    func isAmbiguous(endsAtForeign: Bool, isLast: Bool) -> Bool {
      let isNameless = self.nameCount == 0
      let isDotSegment = !isNameless && self.isDots && self.nameCount <= 2
      if self.hasParameters, isDotSegment || (isNameless && !isLast) { return true }
      guard self.startsAtForeign || endsAtForeign else { return false }
      return isDotSegment || (isNameless && !isLast)
    }
  }
}
