// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Reads the notations of section 3 from the body of a message. Nothing is taken that is not there.
struct WireReader {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    self.position = bytes.startIndex
  }

  init(_ bytes: [UInt8]) { self.init(bytes[...]) }

  var remaining: Int { self.bytes.endIndex - self.position }

  private func check(_ count: Int) throws(CQLError) {
    guard count >= 0, count <= self.remaining else { throw .malformed("a message ends too early") }
  }

  mutating func take(_ count: Int) throws(CQLError) -> ArraySlice<UInt8> {
    try self.check(count)
    defer { self.position += count }
    return self.bytes[self.position..<self.position + count]
  }

  private mutating func number(_ count: Int) throws(CQLError) -> UInt64 {
    try self.check(count)
    var value: UInt64 = 0
    for index in self.position..<self.position + count { value = value << 8 | UInt64(self.bytes[index]) }
    self.position += count
    return value
  }

  mutating func byte() throws(CQLError) -> UInt8 { UInt8(truncatingIfNeeded: try self.number(1)) }
  mutating func short() throws(CQLError) -> Int { Int(try self.number(2)) }
  mutating func int() throws(CQLError) -> Int32 { Int32(truncatingIfNeeded: try self.number(4)) }
  mutating func long() throws(CQLError) -> Int64 { Int64(truncatingIfNeeded: try self.number(8)) }

  /// A count of things that follow.
  mutating func count() throws(CQLError) -> Int {
    let value = try self.int()
    guard value >= 0 else { throw .malformed("a negative count") }
    return Int(value)
  }

  mutating func string() throws(CQLError) -> String {
    String(decoding: try self.take(try self.short()), as: UTF8.self)
  }

  mutating func shortBytes() throws(CQLError) -> [UInt8] { Array(try self.take(try self.short())) }

  /// nil for any negative length.
  mutating func bytesOrNull() throws(CQLError) -> ArraySlice<UInt8>? {
    let length = try self.int()
    return length < 0 ? nil : try self.take(Int(length))
  }

  mutating func stringList() throws(CQLError) -> [String] {
    var list: [String] = []
    for _ in 0..<(try self.short()) { list.append(try self.string()) }
    return list
  }

  mutating func stringMultimap() throws(CQLError) -> [String: [String]] {
    var map: [String: [String]] = [:]
    for _ in 0..<(try self.short()) {
      let key = try self.string()
      map[key] = try self.stringList()
    }
    return map
  }

  /// The address of an `[inet]`, without its port.
  mutating func inet() throws(CQLError) -> String {
    let address = try self.take(Int(try self.byte()))
    _ = try self.int()
    guard let text = InetText.text(address) else { throw .malformed("an address of \(address.count) bytes") }
    return text
  }
}

/// Addresses as text: what one node is known by.
enum InetText {
  /// nil unless there are 4 or 16 bytes.
  static func text(_ bytes: ArraySlice<UInt8>) -> String? {
    switch bytes.count {
    case 4: return bytes.map { "\($0)" }.joined(separator: ".")
    case 16:
      let all = Array(bytes)
      // An IPv4 address in IPv6 clothes is the IPv4 address.
      if all[0..<10].allSatisfy({ $0 == 0 }), all[10] == 0xFF, all[11] == 0xFF { return Self.text(all[12...]) }
      return stride(from: 0, to: 16, by: 2)
        .map { String(UInt16(all[$0]) << 8 | UInt16(all[$0 + 1]), radix: 16) }.joined(separator: ":")
    default: return nil
    }
  }

  /// Whether it means no address in particular: `0.0.0.0` or `::`.
  static func isUnspecified(_ text: String) -> Bool { text == "0.0.0.0" || text == "0:0:0:0:0:0:0:0" }
}
