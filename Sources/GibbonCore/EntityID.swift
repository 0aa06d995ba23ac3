// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The identity of an entity: a UUID, written in lower case.
@frozen
public struct EntityID: Sendable, Hashable, Comparable {
  public let high: UInt64
  public let low: UInt64

  @inlinable
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// A random (version 4) id.
  public static func random() -> EntityID {
    var generator = SystemRandomNumberGenerator()
    return EntityID(
      high: generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000,
      low: generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
  }

  /// Parses the 36-character form, in any case of letters; anything else is nil.
  public init?(_ text: some StringProtocol) {
    var digits: (UInt64, UInt64) = (0, 0)
    var position = 0
    for byte in text.utf8 {
      switch position {
      case 8, 13, 18, 23:
        guard byte == UInt8(ascii: "-") else { return nil }
      default:
        guard position < 36, let digit = byte.hexDigitValue else { return nil }
        if position < 18 {
          digits.0 = digits.0 << 4 | UInt64(digit)
        } else {
          digits.1 = digits.1 << 4 | UInt64(digit)
        }
      }
      position += 1
    }
    guard position == 36 else { return nil }
    self.init(high: digits.0, low: digits.1)
  }

  /// The 16 bytes, most significant first.
  public var bytes: [UInt8] {
    (0..<16).map { index in
      UInt8(truncatingIfNeeded: (index < 8 ? self.high : self.low) >> UInt64(56 - 8 * (index % 8)))
    }
  }

  @inlinable
  public static func < (left: EntityID, right: EntityID) -> Bool {
    left.high != right.high ? left.high < right.high : left.low < right.low
  }
}

extension EntityID: CustomStringConvertible {
  public var description: String {
    var text = ByteBuffer()
    text.reserve(36)
    self.append(to: &text)
    return text.string
  }

  public static let textLength = 36

  /// Appends the text of 36 bytes.
  public func append(to buffer: inout ByteBuffer) {
    buffer.append(upTo: Self.textLength) { self.append(to: &$0) }
  }

  /// The same; there must be room for it.
  public func append(to output: inout OutputSpan<UInt8>) {
    output.append(hex: self.high >> 32, width: 8)
    output.append("-")
    output.append(hex: self.high >> 16 & 0xFFFF, width: 4)
    output.append("-")
    output.append(hex: self.high & 0xFFFF, width: 4)
    output.append("-")
    output.append(hex: self.low >> 48, width: 4)
    output.append("-")
    output.append(hex: self.low & 0xFFFF_FFFF_FFFF, width: 12)
  }
}

extension EntityID: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let id = EntityID(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected a valid UUID")
    }
    self = id
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(self.description)
  }
}
