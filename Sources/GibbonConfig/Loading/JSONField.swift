// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// One member of a JSON object, without a JSON library: secrets are often kept as small objects.
enum JSONField {
  /// The text, number or Boolean of a top-level member; nil when there is none or the text is not such an object.
  static func text(named name: String, in json: String) -> String? {
    var reader = Reader(bytes: Array(json.utf8))
    guard reader.take("{") else { return nil }
    var found: String?
    while true {
      guard let key = reader.string(), reader.take(":"), let value = reader.scalarOrSkipped() else { return nil }
      if key == name { found = value.text }
      if reader.take(",") { continue }
      return reader.take("}") ? found : nil
    }
  }

  struct Value {
    /// nil for null, objects and arrays.
    let text: String?
  }

  private struct Reader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) {
      self.bytes = bytes
    }

    private var next: UInt8? { self.position < self.bytes.count ? self.bytes[self.position] : nil }

    private mutating func skipSpace() {
      while let byte = self.next, byte == 0x20 || (0x09...0x0D).contains(byte) { self.position += 1 }
    }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
      self.skipSpace()
      guard self.next == UInt8(ascii: scalar) else { return false }
      self.position += 1
      return true
    }

    mutating func string() -> String? {
      guard self.take("\"") else { return nil }
      var result: [UInt8] = []
      while let byte = self.next {
        self.position += 1
        if byte == UInt8(ascii: "\"") { return String(decoding: result, as: UTF8.self) }
        guard byte == UInt8(ascii: "\\") else {
          result.append(byte)
          continue
        }
        guard let scalar = self.escape() else { return nil }
        result.append(contentsOf: Array(String(Character(scalar)).utf8))
      }
      return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
      guard let byte = self.next else { return nil }
      self.position += 1
      switch byte {
      case UInt8(ascii: "n"): return "\n"
      case UInt8(ascii: "t"): return "\t"
      case UInt8(ascii: "r"): return "\r"
      case UInt8(ascii: "b"): return "\u{8}"
      case UInt8(ascii: "f"): return "\u{C}"
      case UInt8(ascii: "u"):
        guard let high = self.codeUnit() else { return nil }
        guard UTF16.isLeadSurrogate(high) else { return Unicode.Scalar(high) }
        guard self.take("\\"), self.take("u"), let low = self.codeUnit(), UTF16.isTrailSurrogate(low) else {
          return nil
        }
        return UTF16.decode(UTF16.EncodedScalar([high, low]))
      default: return Unicode.Scalar(byte)
      }
    }

    private mutating func codeUnit() -> UInt16? {
      let end = self.position + 4
      guard end <= self.bytes.count else { return nil }
      defer { self.position = end }
      return UInt16(String(decoding: self.bytes[self.position..<end], as: UTF8.self), radix: 16)
    }

    /// Reads any value; what is nested is passed over by counting brackets, so depth costs nothing.
    mutating func scalarOrSkipped() -> Value? {
      self.skipSpace()
      switch self.next {
      case UInt8(ascii: "\""): return self.string().map { Value(text: $0) }
      case UInt8(ascii: "{"), UInt8(ascii: "["): return self.skipNested() ? Value(text: nil) : nil
      default:
        let start = self.position
        while let byte = self.next, byte > 0x20, byte != UInt8(ascii: ","), byte != UInt8(ascii: "}") {
          self.position += 1
        }
        guard self.position > start else { return nil }
        let word = String(decoding: self.bytes[start..<self.position], as: UTF8.self)
        return Value(text: word == "null" ? nil : word)
      }
    }

    private mutating func skipNested() -> Bool {
      var depth = 0
      while let byte = self.next {
        switch byte {
        case UInt8(ascii: "\""):
          guard self.string() != nil else { return false }
          continue
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
        default: break
        }
        self.position += 1
        if depth == 0 { return true }
      }
      return false
    }
  }
}
