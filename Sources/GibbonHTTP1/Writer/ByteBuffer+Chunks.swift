// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// The chunked coding (RFC 9112, section 7.1).
extension ByteBuffer {
  /// The line before a chunk of `count` bytes. A chunk of none would end the body, so nothing is
  /// written for it; leave its end out too.
  @inlinable
  public mutating func appendChunkHeader(count: Int) {
    if count <= 0 { return }
    self.append(hex: UInt64(count))
    self.append("\r\n")
  }

  /// The line end after a chunk's bytes.
  @inlinable
  public mutating func appendChunkEnd() {
    self.append("\r\n")
  }

  /// The end of the body, without trailers.
  @inlinable
  public mutating func appendLastChunk() {
    self.append("0\r\n\r\n")
  }

  /// The end of the body with these trailers.
  public mutating func appendLastChunk(trailers: borrowing TrailerSection) {
    self.append("0\r\n")
    self.appendFields(of: trailers)
    self.append("\r\n")
  }

  /// Trailers as field lines.
  public mutating func appendFields(of trailers: borrowing TrailerSection) {
    for index in trailers.fields.indices {
      let field = trailers.fields[index]
      self.appendField(trailers[field.name], trailers[field.value])
    }
  }
}
