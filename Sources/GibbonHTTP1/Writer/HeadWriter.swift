// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// Writing heads and chunk framing, into a `ByteBuffer`.
///
/// Bytes given as `Span` or `StaticString` are written as they are: they come from a parsed head or
/// from our own source. Text given as `String` may come from a plugin or a configuration file; bytes
/// that would end the line or the name are written percent-encoded, as OpenResty does, so no text can
/// add a field or split a message.
extension ByteBuffer {
  /// `HTTP/1.1 404 Not Found` CRLF. Always 1.1: the version a sender speaks, not the one it was
  /// asked in (RFC 9112, section 2.3).
  @inlinable
  public mutating func appendStatusLine(_ status: UInt16) {
    self.appendStatusLine(status, reason: HeadWriter.statusReason(status))
  }

  @inlinable
  public mutating func appendStatusLine(_ status: UInt16, reason: StaticString) {
    self.append("HTTP/1.1 ")
    self.appendDigits(status)
    self.append(reason)
    self.append("\r\n")
  }

  /// With the reason phrase another head had.
  @inlinable
  public mutating func appendStatusLine(_ status: UInt16, reason: borrowing Span<UInt8>) {
    self.append("HTTP/1.1 ")
    self.appendDigits(status)
    self.append(reason)
    self.append("\r\n")
  }

  /// `GET /path HTTP/1.1` CRLF.
  @inlinable
  public mutating func appendRequestLine(
    method: borrowing Span<UInt8>, target: borrowing Span<UInt8>, version: HTTPVersion = .http11
  ) {
    self.append(method)
    self.append(UInt8.space)
    self.append(target)
    self.append(version == .http11 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n")
  }

  /// The empty line after the fields.
  @inlinable
  public mutating func appendEndOfHead() {
    self.append("\r\n")
  }

  /// Three digits and a space.
  @usableFromInline
  mutating func appendDigits(_ status: UInt16) {
    self.append(UInt8(truncatingIfNeeded: 0x30 &+ status / 100 % 10))
    self.append(UInt8(truncatingIfNeeded: 0x30 &+ status / 10 % 10))
    self.append(UInt8(truncatingIfNeeded: 0x30 &+ status % 10))
    self.append(UInt8.space)
  }
}

/// A place for what writing needs beside the bytes.
public enum HeadWriter {}
