// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// The SRV records of a DNS message (RFC 1035 section 4.1, RFC 2782). What a server sends is not believed: every read
/// is within the message, and names end after as many steps as a message can have.
struct ServiceRecords {
  struct Record: Hashable {
    let priority: UInt16
    let weight: UInt16
    let port: UInt16
    /// Without the dot at its end.
    let target: String
    let ttlSeconds: Int
  }

  /// Records looked at, at most.
  private static let recordLimit = 256
  private static let nameLimit = 255
  private static let headerBytes = 12
  private static let serviceType = 33

  /// Those of the first priority, in the order of the message; empty for one that makes no sense.
  static func first(in message: borrowing Span<UInt8>) -> [Record] {
    let all = Self.all(in: message)
    guard let priority = all.map(\.priority).min() else { return [] }
    return all.filter { $0.priority == priority }
  }

  private static func all(in message: borrowing Span<UInt8>) -> [Record] {
    guard message.count >= headerBytes else { return [] }
    var index = headerBytes
    for _ in 0..<Self.number(message, 4) {
      guard let end = Self.skipName(message, from: index), end + 4 <= message.count else { return [] }
      index = end + 4
    }
    var records: [Record] = []
    for _ in 0..<min(Self.number(message, 6), Self.recordLimit) {
      guard let end = Self.skipName(message, from: index), end + 10 <= message.count else { break }
      let length = Self.number(message, end + 8)
      let data = end + 10
      guard data + length <= message.count else { break }
      if Self.number(message, end) == Self.serviceType, length > 6 {
        let ttl = Self.number(message, end + 4) << 16 | Self.number(message, end + 6)
        guard let target = Self.name(message, at: data + 6) else { break }
        records.append(
          Record(
            priority: UInt16(Self.number(message, data)), weight: UInt16(Self.number(message, data + 2)),
            port: UInt16(Self.number(message, data + 4)), target: target, ttlSeconds: ttl))
      }
      index = data + length
    }
    return records
  }

  /// Two bytes, the high one first.
  private static func number(_ message: borrowing Span<UInt8>, _ index: Int) -> Int {
    Int(message[index]) << 8 | Int(message[index + 1])
  }

  /// The index after a name.
  private static func skipName(_ message: borrowing Span<UInt8>, from start: Int) -> Int? {
    var index = start
    while index < message.count {
      let length = Int(message[index])
      if length == 0 { return index + 1 }
      if length & 0xC0 == 0xC0 { return index + 2 <= message.count ? index + 2 : nil }
      guard length & 0xC0 == 0 else { return nil }
      index += 1 + length
    }
    return nil
  }

  /// A host's name: letters, digits, hyphens and underscores, joined with dots. nil for anything else.
  private static func name(_ message: borrowing Span<UInt8>, at start: Int) -> String? {
    var bytes: [UInt8] = []
    var index = start
    // Each pointer leads to an earlier place, so a name ends.
    var earliest = start
    while index < message.count {
      let length = Int(message[index])
      if length == 0 { return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self) }
      if length & 0xC0 == 0xC0 {
        guard index + 1 < message.count else { return nil }
        index = (length & 0x3F) << 8 | Int(message[index + 1])
        guard index < earliest else { return nil }
        earliest = index
        continue
      }
      guard length & 0xC0 == 0, index + 1 + length <= message.count, bytes.count + length < Self.nameLimit else {
        return nil
      }
      if !bytes.isEmpty { bytes.append(UInt8(ascii: ".")) }
      for offset in 1...length {
        let byte = message[index + offset]
        guard byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") else {
          return nil
        }
        bytes.append(byte.asciiLowercased)
      }
      index += 1 + length
    }
    return nil
  }
}
