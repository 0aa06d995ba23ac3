// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Parses JSON (RFC 8259), strictly: one value, UTF-8, no comments, no trailing commas.
///
/// Of equal keys the last one counts. Numbers beyond 64 bits become floating point.
public struct JSONParser {
  /// What a hostile text may not exceed.
  public struct Limits: Sendable {
    /// Arrays and objects inside one another.
    public var depth: Int
    /// Bytes of the whole text.
    public var size: Int
    /// Whether an object may name a member twice: others who read the text may take the first one.
    public var allowsRepeatedKeys: Bool

    public init(depth: Int = 128, size: Int = 1 << 30, allowsRepeatedKeys: Bool = true) {
      self.depth = depth
      self.size = size
      self.allowsRepeatedKeys = allowsRepeatedKeys
    }
  }

  let bytes: [UInt8]
  var offset = 0
  var depth = 0
  let limits: Limits
  let mapsSource: Bool
  /// The map of the value parsed last, where one is asked for.
  var map = SourceMap(SourceMap.Position(line: 1, column: 1))
  var line = 1
  var lineStart = 0
  var failure: (message: String, offset: Int)?

  private init(_ bytes: [UInt8], limits: Limits, mapsSource: Bool) {
    self.bytes = bytes
    self.limits = limits
    self.mapsSource = mapsSource
  }

  /// The value of a text.
  public static func parse(_ bytes: [UInt8], limits: Limits = Limits()) -> Result<JSONValue, JSONSyntaxError> {
    var parser = JSONParser(bytes, limits: limits, mapsSource: false)
    return parser.document()
  }

  public static func parse(_ text: String, limits: Limits = Limits()) -> Result<JSONValue, JSONSyntaxError> {
    Self.parse(Array(text.utf8), limits: limits)
  }

  /// The value of a text, and where each part of it stands.
  public static func parseMapped(
    _ bytes: [UInt8], limits: Limits = Limits()
  ) -> Result<(value: JSONValue, map: SourceMap), JSONSyntaxError> {
    var parser = JSONParser(bytes, limits: limits, mapsSource: true)
    return parser.document().map { ($0, parser.map) }
  }

  private mutating func document() -> Result<JSONValue, JSONSyntaxError> {
    guard self.bytes.count <= self.limits.size else {
      return .failure(JSONSyntaxError("text longer than \(self.limits.size) bytes", at: 0, in: []))
    }
    if self.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { self.offset = 3 }
    if let value = self.value() {
      self.skipSpace()
      if self.offset == self.bytes.count { return .success(value) }
      self.fail("unexpected text after the value")
    }
    let failure = self.failure ?? ("malformed value", self.offset)
    return .failure(JSONSyntaxError(failure.message, at: failure.offset, in: self.bytes))
  }

  /// Notes the first failure; callers return nil.
  mutating func fail(_ message: String) {
    if self.failure == nil { self.failure = (message, self.offset) }
  }

  @inline(__always)  // Called before every token; the loop ends at once for compact texts.
  mutating func skipSpace() {
    while self.offset < self.bytes.count {
      switch self.bytes[self.offset] {
      case .space, .tab, .carriageReturn:
        self.offset &+= 1
      case .lineFeed:
        self.offset &+= 1
        self.line &+= 1
        self.lineStart = self.offset
      default:
        return
      }
    }
  }

  var position: SourceMap.Position {
    SourceMap.Position(line: self.line, column: self.offset - self.lineStart + 1)
  }

  /// One value with the space before it; nil after a failure.
  mutating func value() -> JSONValue? {
    self.skipSpace()
    guard self.offset < self.bytes.count else {
      self.fail("unexpected end of text")
      return nil
    }
    if self.mapsSource { self.map = SourceMap(self.position) }
    switch self.bytes[self.offset] {
    case UInt8(ascii: "{"): return self.object()
    case UInt8(ascii: "["): return self.array()
    case UInt8(ascii: "\""): return self.string().map { .string($0) }
    case UInt8(ascii: "t"): return self.word("true", .bool(true))
    case UInt8(ascii: "f"): return self.word("false", .bool(false))
    case UInt8(ascii: "n"): return self.word("null", .null)
    default: return self.number()
    }
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) -> JSONValue? {
    let end = self.offset + word.utf8CodeUnitCount
    guard end <= self.bytes.count, self.bytes.span.extracting(self.offset..<end).equals(word) else {
      self.fail("unexpected character")
      return nil
    }
    self.offset = end
    return value
  }

  /// Steps into an array or object; false beyond the limit.
  private mutating func descend() -> Bool {
    guard self.depth < self.limits.depth else {
      self.fail("nested deeper than \(self.limits.depth) levels")
      return false
    }
    self.depth += 1
    self.offset += 1
    return true
  }

  private mutating func array() -> JSONValue? {
    var map = self.map
    guard self.descend() else { return nil }
    defer { self.depth -= 1 }
    var values: [JSONValue] = []
    if self.ends(with: UInt8(ascii: "]")) { return .array(values) }
    while true {
      guard let value = self.value() else { return nil }
      values.append(value)
      if self.mapsSource { map.children.append(self.map) }
      switch self.separator(closing: UInt8(ascii: "]")) {
      case .more: continue
      case .end:
        self.map = map
        return .array(values)
      case .malformed: return nil
      }
    }
  }

  private mutating func object() -> JSONValue? {
    var map = self.map
    guard self.descend() else { return nil }
    defer { self.depth -= 1 }
    var object = JSONObject()
    if self.ends(with: UInt8(ascii: "}")) { return .object(object) }
    while true {
      self.skipSpace()
      let keyPosition = self.position
      guard self.offset < self.bytes.count, self.bytes[self.offset] == UInt8(ascii: "\"") else {
        self.fail("expected a member name in quotes")
        return nil
      }
      guard let key = self.string() else { return nil }
      guard self.limits.allowsRepeatedKeys || object.position(of: key) == nil else {
        self.fail("repeated member name")
        return nil
      }
      self.skipSpace()
      guard self.offset < self.bytes.count, self.bytes[self.offset] == UInt8(ascii: ":") else {
        self.fail("expected ':' after a member name")
        return nil
      }
      self.offset += 1
      guard let value = self.value() else { return nil }
      if self.mapsSource {
        self.map.position = keyPosition
        if let place = object.position(of: key) {
          map.children[place] = self.map
        } else {
          map.children.append(self.map)
        }
      }
      object[key] = value
      switch self.separator(closing: UInt8(ascii: "}")) {
      case .more: continue
      case .end:
        self.map = map
        return .object(object)
      case .malformed: return nil
      }
    }
  }

  private mutating func ends(with byte: UInt8) -> Bool {
    self.skipSpace()
    guard self.offset < self.bytes.count, self.bytes[self.offset] == byte else { return false }
    self.offset += 1
    return true
  }

  private enum Separator { case more, end, malformed }

  private mutating func separator(closing: UInt8) -> Separator {
    self.skipSpace()
    guard self.offset < self.bytes.count else {
      self.fail("unexpected end of text")
      return .malformed
    }
    let byte = self.bytes[self.offset]
    guard byte == closing || byte == UInt8(ascii: ",") else {
      self.fail("expected ',' or '\(Unicode.Scalar(closing))'")
      return .malformed
    }
    self.offset += 1
    return byte == closing ? .end : .more
  }
}
