// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonHTTP1

extension HTTP2Connection {
  /// Gives the head of `responseHead` or `interimHead` away, like `takeRequestHead`.
  public mutating func takeResponseHead(into bytes: inout ByteBuffer, _ head: inout ResponseHead) {
    swap(&bytes, &self.sectionBytes)
    swap(&head, &self.response)
    self.sectionBytes.clear()
    self.response.reset()
  }

  /// Gives the trailers of a `trailers` event away, as field lines of HTTP/1: `name: value` CRLF. Those that no trailer
  /// section may have are left out.
  public mutating func takeTrailers(into lines: inout ByteBuffer) {
    swap(&lines, &self.trailers)
    self.trailers.clear()
  }

  /// An interim or the final head of a response (RFC 9113, section 8.1).
  mutating func takeResponse(_ block: BlockProgress, _ slot: Int, _ section: DecodedSection) -> HTTP2Event? {
    if section.isTooLarge { return self.failStream(block.stream, slot, .enhanceYourCalm) }
    var facts = SectionFacts()
    guard !section.isMalformed, self.assembleResponse(&facts) else {
      return self.failStream(block.stream, slot, .protocolError)
    }
    let status = self.response.status
    if status < 200 {
      self.streams[slot].interimHeads &+= 1
      guard self.streams[slot].interimHeads <= self.limits.interimHeads else {
        return self.failStream(block.stream, slot, .enhanceYourCalm)
      }
      // There is no 101 in HTTP/2 (RFC 9113, section 8.6).
      guard !block.endStream, status != 101 else { return self.failStream(block.stream, slot, .protocolError) }
      return .interimHead(slot: slot)
    }
    self.streams[slot].flags.insert(.headReceived)
    if status == 204 || status == 304 || self.streams[slot].flags.contains(.answersHead) {
      self.streams[slot].flags.insert(.isWithoutContent)
    }
    self.streams[slot].expectedLength = facts.contentLength
    guard !block.endStream || self.streams[slot].takes(0, isEnd: true) else {
      return self.failStream(block.stream, slot, .protocolError)
    }
    if block.endStream { self.streams[slot].flags.insert(.remoteEnded) }
    if let length = facts.contentLength {
      self.response.declaredFraming = .contentLength(length)
    } else {
      self.response.declaredFraming = block.endStream ? .none : .chunked
    }
    return .responseHead(slot: slot, endStream: block.endStream)
  }

  private mutating func assembleResponse(_ facts: inout SectionFacts) -> Bool {
    self.response.reset()
    self.response.version = .http2
    self.response.isPersistent = true
    guard let pseudo = PseudoFields.read(self.sectionFields, in: self.sectionBytes), let status = pseudo.status,
      pseudo.method == nil, pseudo.scheme == nil, pseudo.authority == nil, pseudo.path == nil,
      pseudo.protocolName == nil, let number = self.sectionBytes[status].contentLength, status.count == 3, number >= 100
    else { return false }
    self.response.status = UInt16(truncatingIfNeeded: number)
    for index in pseudo.count..<self.sectionFields.count {
      let field = self.sectionFields[index]
      // A `Host` or a `TE` in a response mean nothing.
      if field.known != .host, field.known != .te {
        guard facts.note(field, in: self.sectionBytes) else { return false }
      }
      self.response.append(field)
    }
    return true
  }

  /// Trailers of either role: without pseudo-header fields, and the end (RFC 9113, section 8.1).
  mutating func takeTrailers(_ block: BlockProgress, _ slot: Int, _ section: DecodedSection) -> HTTP2Event? {
    if section.isTooLarge { return self.failStream(block.stream, slot, .enhanceYourCalm) }
    guard block.endStream, !section.isMalformed, self.streams[slot].takes(0, isEnd: true), self.assembleTrailers()
    else { return self.failStream(block.stream, slot, .protocolError) }
    self.streams[slot].flags.insert(.remoteEnded)
    return .trailers(slot: slot)
  }

  private mutating func assembleTrailers() -> Bool {
    self.trailers.clear()
    guard let pseudo = PseudoFields.read(self.sectionFields, in: self.sectionBytes), pseudo.count == 0 else {
      return false
    }
    var facts = SectionFacts()
    for field in self.sectionFields {
      guard facts.note(field, in: self.sectionBytes) else { return false }
      if field.known.isForbiddenInTrailers { continue }
      self.trailers.appendField(field, of: self.sectionBytes)
    }
    return true
  }
}
