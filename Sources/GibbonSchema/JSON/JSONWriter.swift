// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Writes compact JSON: members in their order, no space, `/` unescaped, numbers without a needless fraction.
public struct JSONWriter: ~Copyable {
  public private(set) var bytes: [UInt8] = []
  private let sortsKeys: Bool

  /// - Parameter sortsKeys: writes members by name, so that equal values give equal texts.
  public init(sortsKeys: Bool = false) {
    self.sortsKeys = sortsKeys
  }

  public mutating func write(_ value: JSONValue) {
    switch value {
    case .null: self.bytes.append(contentsOf: "null".utf8)
    case .bool(let value): self.bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .int(let value): self.bytes.append(contentsOf: String(value).utf8)
    case .double(let value): self.bytes.append(contentsOf: Self.text(of: value).utf8)
    case .string(let value): self.write(value)
    case .array(let values):
      self.bytes.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { self.bytes.append(UInt8(ascii: ",")) }
        self.write(value)
      }
      self.bytes.append(UInt8(ascii: "]"))
    case .object(let object):
      self.write(object)
    }
  }

  private mutating func write(_ object: JSONObject) {
    self.bytes.append(UInt8(ascii: "{"))
    let members = self.sortsKeys ? object.members.sorted { $0.key < $1.key } : object.members
    for (index, member) in members.enumerated() {
      if index > 0 { self.bytes.append(UInt8(ascii: ",")) }
      self.write(member.key)
      self.bytes.append(UInt8(ascii: ":"))
      self.write(member.value)
    }
    self.bytes.append(UInt8(ascii: "}"))
  }

  private mutating func write(_ text: String) {
    self.bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        self.bytes.append(UInt8(ascii: "\\"))
        self.bytes.append(byte)
      case 0x0A: self.bytes.append(contentsOf: [0x5C, UInt8(ascii: "n")])
      case 0x0D: self.bytes.append(contentsOf: [0x5C, UInt8(ascii: "r")])
      case 0x09: self.bytes.append(contentsOf: [0x5C, UInt8(ascii: "t")])
      case 0x08: self.bytes.append(contentsOf: [0x5C, UInt8(ascii: "b")])
      case 0x0C: self.bytes.append(contentsOf: [0x5C, UInt8(ascii: "f")])
      case 0..<0x20, 0x7F:
        self.bytes.append(contentsOf: "\\u00".utf8)
        self.bytes.append(Self.digit(byte >> 4))
        self.bytes.append(Self.digit(byte & 0xF))
      default:
        self.bytes.append(byte)
      }
    }
    self.bytes.append(UInt8(ascii: "\""))
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? 0x30 &+ value : 0x57 &+ value
  }

  /// The shortest text of a number; not-a-number and infinities, which JSON lacks, are null.
  public static func text(of value: Double) -> String {
    guard value.isFinite else { return "null" }
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension JSONValue {
  /// The value as compact JSON.
  public func serialized(sortingKeys: Bool = false) -> [UInt8] {
    var writer = JSONWriter(sortsKeys: sortingKeys)
    writer.write(self)
    return writer.bytes
  }
}

extension JSONValue: CustomStringConvertible {
  /// The value as compact JSON.
  public var description: String { String(decoding: self.serialized(), as: UTF8.self) }
}
