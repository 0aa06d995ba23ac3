// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1

/// A field section as the decoder left it in `sectionBytes` and `sectionFields`.
struct DecodedSection: Sendable {
  /// Beyond `fieldCount` or `listBytes`; the fields up to there are known.
  var isTooLarge = false
  /// A name or a value has bytes that no field has (RFC 9113, section 8.2.1).
  var isMalformed = false
}

extension HTTP2Connection {
  /// Decodes a whole header block. What is thrown ends the connection: its tables are lost.
  mutating func decode(_ block: Span<UInt8>) throws(HPACKError) -> DecodedSection {
    self.sectionBytes.clear()
    self.sectionFields.removeAll(keepingCapacity: true)
    let limits = HPACKLimits(fieldCount: self.limits.fieldCount, listBytes: self.limits.listBytes)
    let outcome = try self.decoder.decode(
      block, limits: limits, into: &self.sectionBytes, fields: &self.sectionFields)
    return DecodedSection(isTooLarge: outcome.isTooLarge, isMalformed: outcome.isMalformed)
  }

  /// Appends text to the section's bytes that was put together in `scratch`. Where it stands there.
  mutating func appendScratch() -> ByteRange {
    let start = self.sectionBytes.count
    self.sectionBytes.append(copying: self.scratch)
    return ByteRange(offset: start, count: self.scratch.count)
  }

  /// The crumbs of a cookie as one field again (RFC 9113, section 8.2.3), which others than HTTP/2 need.
  mutating func joinCookies() -> ByteRange {
    self.scratch.clear()
    for field in self.sectionFields where field.known == .cookie {
      if !self.scratch.isEmpty { self.scratch.append("; ") }
      self.scratch.append(field.value, of: self.sectionBytes)
    }
    return self.appendScratch()
  }
}

/// Copies from one buffer of the machine to another.
extension ByteBuffer {
  mutating func append(_ place: ByteRange, of other: ByteBuffer) { self.append(other[place]) }

  /// As a field line of HTTP/1.
  mutating func appendField(_ field: HeaderField, of other: ByteBuffer) {
    self.appendField(other[field.name], other[field.value])
  }

  mutating func append(copying other: ByteBuffer) { self.append(other.span) }
}
