// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A value of Redis's protocol, version 2.
enum RESPValue: Sendable, Hashable {
  case simple(String)
  case error(String)
  case integer(Int64)
  /// nil is the null string.
  case bulk([UInt8]?)
  /// nil is the null array.
  case array([RESPValue]?)

  var integerValue: Int64? {
    switch self {
    case .integer(let value): value
    case .bulk(let bytes?): Int64(String(decoding: bytes, as: UTF8.self))
    default: nil
    }
  }
}

/// Why bytes are no answer of a Redis.
struct RESPError: Error, Sendable, Hashable, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Reads values out of bytes as they arrive. What is incomplete waits for more, within limits.
struct RESPParser: Sendable {
  private var bytes: [UInt8] = []
  private var start = 0

  /// Bytes of the longest text, elements of the longest array, and depth of arrays in arrays.
  static let maxBulk = 1 << 20
  static let maxElements = 1 << 16
  static let maxDepth = 8
  private static let maxLine = 64 * 1024

  mutating func append(_ more: some Sequence<UInt8>) {
    if self.start > 0 {
      self.bytes.removeFirst(self.start)
      self.start = 0
    }
    self.bytes.append(contentsOf: more)
  }

  /// The next value, or nil when it is not complete yet.
  mutating func next() throws(RESPError) -> RESPValue? {
    var place = self.start
    guard let value = try self.value(at: &place, depth: 0) else { return nil }
    self.start = place
    return value
  }

  private func value(at place: inout Int, depth: Int) throws(RESPError) -> RESPValue? {
    guard depth <= Self.maxDepth else { throw RESPError("arrays nested too deeply") }
    guard place < self.bytes.count else { return nil }
    let kind = self.bytes[place]
    place += 1
    guard let line = try self.line(at: &place) else { return nil }
    switch kind {
    case UInt8(ascii: "+"): return .simple(line)
    case UInt8(ascii: "-"): return .error(line)
    case UInt8(ascii: ":"):
      guard let value = Int64(line) else { throw RESPError("'\(line.prefix(40))' is no integer") }
      return .integer(value)
    case UInt8(ascii: "$"): return try self.bulk(count: try Self.count(line, Self.maxBulk), at: &place)
    case UInt8(ascii: "*"): return try self.array(count: try Self.count(line, Self.maxElements), at: &place, depth)
    default: throw RESPError("an answer begins with byte \(kind)")
    }
  }

  private static func count(_ line: String, _ limit: Int) throws(RESPError) -> Int? {
    guard let count = Int(line), count >= -1, count <= limit else {
      throw RESPError("'\(line.prefix(40))' is no length up to \(limit)")
    }
    return count < 0 ? nil : count
  }

  private func bulk(count: Int?, at place: inout Int) throws(RESPError) -> RESPValue? {
    guard let count else { return .bulk(nil) }
    guard self.bytes.count - place >= count + 2 else { return nil }
    guard self.bytes[place + count] == 13, self.bytes[place + count + 1] == 10 else {
      throw RESPError("a text does not end where it should")
    }
    defer { place += count + 2 }
    return .bulk(Array(self.bytes[place..<place + count]))
  }

  private func array(count: Int?, at place: inout Int, _ depth: Int) throws(RESPError) -> RESPValue? {
    guard let count else { return .array(nil) }
    var values: [RESPValue] = []
    for _ in 0..<count {
      guard let value = try self.value(at: &place, depth: depth + 1) else { return nil }
      values.append(value)
    }
    return .array(values)
  }

  private func line(at place: inout Int) throws(RESPError) -> String? {
    guard let end = self.bytes[place...].firstIndex(of: 13) else {
      guard self.bytes.count - place <= Self.maxLine else { throw RESPError("a line is too long") }
      return nil
    }
    guard end + 1 < self.bytes.count else { return nil }
    guard self.bytes[end + 1] == 10 else { throw RESPError("a line ends with CR alone") }
    defer { place = end + 2 }
    return String(decoding: self.bytes[place..<end], as: UTF8.self)
  }

  /// A command as an array of texts.
  static func command(_ words: [String]) -> [UInt8] {
    var bytes = Array("*\(words.count)\r\n".utf8)
    for word in words {
      bytes += Array("$\(word.utf8.count)\r\n".utf8)
      bytes += Array(word.utf8)
      bytes += [13, 10]
    }
    return bytes
  }
}
