// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Names and values of queries and forms (`application/x-www-form-urlencoded`).
public enum FormText {
  /// One `name=value` of a query or a form, decoded.
  public struct Argument: Sendable, Hashable {
    public var name: [UInt8]
    /// nil without `=`.
    public var value: [UInt8]?

    public init(name: [UInt8], value: [UInt8]?) {
      self.name = name
      self.value = value
    }

    public func isNamed(_ text: String) -> Bool { self.name.elementsEqual(text.utf8) }
  }

  /// The arguments of a query or a form, in order. Those without a name are passed over, as nginx does.
  public static func arguments(_ text: [UInt8]) -> [Argument] {
    text.split(separator: UInt8(ascii: "&")).compactMap { part in
      let name = part.prefix { $0 != UInt8(ascii: "=") }
      guard !name.isEmpty else { return nil }
      let value = part.dropFirst(name.count + 1)
      return Argument(name: Self.decoded(name), value: name.count == part.count ? nil : Self.decoded(value))
    }
  }

  /// Without the arguments of a name, and written again as browsers write a form (WHATWG URL, section 5): what an
  /// argument without `=` is for one reader, it is then for all.
  public static func removing(_ name: String, from text: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(text.count)
    for part in text.split(separator: UInt8(ascii: "&")) {
      let key = Self.decoded(part.prefix { $0 != UInt8(ascii: "=") })
      if key.elementsEqual(name.utf8) { continue }
      if !output.isEmpty { output.append(UInt8(ascii: "&")) }
      Self.append(encoded: key, to: &output)
      output.append(UInt8(ascii: "="))
      Self.append(encoded: Self.decoded(part.drop { $0 != UInt8(ascii: "=") }.dropFirst()), to: &output)
    }
    return output
  }

  /// Appends the bytes so that they are a name or a value: letters, digits and `*-._` as they are, space as `+`.
  private static func append(encoded bytes: [UInt8], to output: inout [UInt8]) {
    for byte in bytes {
      switch byte {
      case UInt8.space: output.append(UInt8(ascii: "+"))
      case _ where byte.isASCIILetter || byte.isASCIIDigit || "*-._".utf8.contains(byte): output.append(byte)
      default: output += byte.percentEscape
      }
    }
  }

  /// `%XX` becomes a byte; a `%` without two digits stays, and so does `+`.
  public static func unescaped(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    // A plus sign is nothing special in a path: it comes through as its own escape.
    Self.decoded(Array(bytes.flatMap { $0 == UInt8(ascii: "+") ? $0.percentEscape : [$0] })[...])
  }

  /// `+` becomes a space and `%XX` a byte; a `%` without two digits stays.
  public static func decoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let byte = bytes[index]
      if byte == UInt8(ascii: "%"), bytes.endIndex - index > 2, let high = bytes[index + 1].hexDigitValue,
        let low = bytes[index + 2].hexDigitValue
      {
        output.append(high << 4 | low)
        index += 3
      } else {
        output.append(byte == UInt8(ascii: "+") ? UInt8.space : byte)
        index += 1
      }
    }
    return output
  }
}

extension UInt8 {
  /// The hexadecimal digit, in upper case, of a value below 16.
  @inlinable public var upperHexDigit: UInt8 { self < 10 ? 0x30 &+ self : 0x37 &+ self }

  /// `%XX`, as RFC 3986 section 2.1 prefers it.
  public var percentEscape: [UInt8] { [UInt8(ascii: "%"), (self >> 4).upperHexDigit, (self & 15).upperHexDigit] }
}
