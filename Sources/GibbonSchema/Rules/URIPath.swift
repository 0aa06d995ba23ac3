// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Normalisation of URL paths, RFC 3986 section 6.2.2, as Kong's router does it.
public enum URIPath {
  /// Characters whose escapes have a meaning of their own and are kept, upper-cased.
  static let reserved = ByteClass { byte in "!*'();:@&=+$,/?%#[]".utf8.contains(byte) }

  /// The path with needless escapes decoded, dot segments resolved and, where asked, slashes merged.
  public static func normalized(_ path: String, mergingSlashes: Bool) -> String {
    String(decoding: Self.normalized(Array(path.utf8), mergingSlashes: mergingSlashes), as: UTF8.self)
  }

  static func normalized(_ path: [UInt8], mergingSlashes: Bool) -> [UInt8] {
    if path.isEmpty || path == [UInt8(ascii: "/")] { return path }
    let decoded = Self.decodingUnreserved(path) { _ in nil }
    let slash = UInt8(ascii: "/")
    let hasDots = decoded.contains(UInt8(ascii: "."))
    let hasDoubleSlash = zip(decoded, decoded.dropFirst()).contains { $0 == slash && $1 == slash }
    guard hasDots || (mergingSlashes && hasDoubleSlash) else { return decoded }
    return Self.removingDotSegments(decoded, mergingSlashes: mergingSlashes)
  }

  /// RFC 3986 section 5.2.4, each output segment with its leading slash.
  private static func removingDotSegments(_ path: [UInt8], mergingSlashes: Bool) -> [UInt8] {
    let slash = UInt8(ascii: "/")
    var output: [ArraySlice<UInt8>] = []
    var rest = path[...]
    while !rest.isEmpty {
      if rest.elementsEqual("/.".utf8) {
        rest = [slash]
      } else if rest.elementsEqual("/..".utf8) {
        rest = [slash]
        _ = output.popLast()
      } else if rest.elementsEqual(".".utf8) || rest.elementsEqual("..".utf8) {
        rest = []
      } else if rest.starts(with: "../".utf8) {
        rest = rest.dropFirst(3)
      } else if rest.starts(with: "./".utf8) || rest.starts(with: "/./".utf8) {
        rest = rest.dropFirst(2)
      } else if rest.starts(with: "/../".utf8) {
        rest = rest.dropFirst(3)
        _ = output.popLast()
      } else if mergingSlashes, rest.starts(with: "//".utf8) {
        rest = rest.dropFirst()
      } else {
        let end = rest.dropFirst().firstIndex(of: slash) ?? rest.endIndex
        output.append(rest[..<end])
        rest = rest[end...]
      }
    }
    return Array(output.joined())
  }

  /// Decodes the escapes of characters that are not reserved; `substitute` may give other bytes for one.
  static func decodingUnreserved(_ path: [UInt8], substitute: (UInt8) -> [UInt8]?) -> [UInt8] {
    guard path.contains(UInt8(ascii: "%")) else { return path }
    var output: [UInt8] = []
    output.reserveCapacity(path.count)
    var index = 0
    while index < path.count {
      guard path[index] == UInt8(ascii: "%"), index + 2 < path.count, let high = path[index + 1].hexDigitValue,
        let low = path[index + 2].hexDigitValue
      else {
        output.append(path[index])
        index += 1
        continue
      }
      let byte = high << 4 | low
      if Self.reserved.contains(byte) {
        output.append(contentsOf: [UInt8(ascii: "%"), Self.upper(path[index + 1]), Self.upper(path[index + 2])])
      } else {
        output.append(contentsOf: substitute(byte) ?? [byte])
      }
      index += 3
    }
    return output
  }

  private static func upper(_ byte: UInt8) -> UInt8 {
    0x61...0x7A ~= byte ? byte &- 0x20 : byte
  }
}
