// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1

/// What the ordinary fields of one section say that the connection must know (RFC 9113, section 8.2.2).
struct SectionFacts: Sendable {
  var flags: HeadFlags = []
  var contentLength: UInt64?
  var host: ByteRange?
  var cookies = 0

  /// Fields that HTTP/2 has no place for, for they are about a connection of HTTP/1.
  private static let forbidden: UInt64 =
    KnownField.connection.bit | KnownField.keepAlive.bit | KnownField.proxyConnection.bit
    | KnownField.transferEncoding.bit | KnownField.upgrade.bit

  private static let noted: UInt64 =
    Self.forbidden | KnownField.te.bit | KnownField.contentLength.bit | KnownField.host.bit | KnownField.expect.bit
    | KnownField.cookie.bit

  /// Takes a field in. False if it makes its message malformed (RFC 9113, section 8.1.1).
  @inline(__always)
  mutating func note(_ field: HeaderField, in bytes: ByteBuffer) -> Bool {
    field.known.bit & Self.noted == 0 || self.noteSpecial(field, in: bytes)
  }

  private mutating func noteSpecial(_ field: HeaderField, in bytes: ByteBuffer) -> Bool {
    switch field.known {
    case .te:
      guard bytes[field.value].equalsIgnoringCase("trailers") else { return false }
      self.flags.insert(.acceptsTrailers)
    case .contentLength:
      // Several of one value are the same as one (RFC 9110, section 8.6).
      guard let length = bytes[field.value].contentLength, self.contentLength ?? length == length else { return false }
      self.contentLength = length
    case .host:
      if self.host != nil { return false }
      self.host = field.value
    case .expect:
      if bytes[field.value].equalsIgnoringCase("100-continue") { self.flags.insert(.expectsContinue) }
    case .cookie: self.cookies &+= 1
    default: return false
    }
    return true
  }
}
