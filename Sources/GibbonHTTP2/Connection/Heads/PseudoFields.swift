// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1

/// The pseudo-header fields of a section, which come before all others and at most once (RFC 9113, section 8.3).
struct PseudoFields: Sendable {
  var method: ByteRange?
  var scheme: ByteRange?
  var authority: ByteRange?
  var path: ByteRange?
  var protocolName: ByteRange?
  var status: ByteRange?
  /// Where the ordinary fields begin.
  private(set) var count = 0

  /// nil when one is unknown, repeated or late.
  static func read(_ fields: [HeaderField], in bytes: ByteBuffer) -> PseudoFields? {
    var found = PseudoFields()
    while found.count < fields.count, Self.isPseudo(fields[found.count], in: bytes) {
      guard found.take(fields[found.count], in: bytes) else { return nil }
      found.count &+= 1
    }
    for index in found.count..<fields.count where Self.isPseudo(fields[index], in: bytes) { return nil }
    return found
  }

  private static func isPseudo(_ field: HeaderField, in bytes: ByteBuffer) -> Bool {
    field.known == .other && !field.name.isEmpty && bytes[field.name][0] == UInt8(ascii: ":")
  }

  private mutating func take(_ field: HeaderField, in bytes: ByteBuffer) -> Bool {
    let name = bytes[field.name]
    switch name.count {
    case 5 where name.equals(":path"): return Self.set(&self.path, field.value)
    case 7 where name.equals(":method"): return Self.set(&self.method, field.value)
    case 7 where name.equals(":scheme"): return Self.set(&self.scheme, field.value)
    case 7 where name.equals(":status"): return Self.set(&self.status, field.value)
    case 9 where name.equals(":protocol"): return Self.set(&self.protocolName, field.value)
    case 10 where name.equals(":authority"): return Self.set(&self.authority, field.value)
    default: return false
    }
  }

  private static func set(_ place: inout ByteRange?, _ value: ByteRange) -> Bool {
    if place != nil { return false }
    place = value
    return true
  }
}
