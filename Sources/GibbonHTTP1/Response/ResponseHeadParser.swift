// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// Reads response heads. Holds no bytes: every call gets all bytes of the head received so far.
///
/// The answer does not depend on how the bytes were cut into calls. Nearly as strict as with requests: what
/// fails here, the gateway answers with 502 and closes the upstream connection. What every peer relays of a
/// service passes: lines ended by a bare LF, after which the connection is not used again, and statuses up to 999.
public struct ResponseHeadParser: Sendable {
  private let limits: HeadLimits
  private var progress = HeadProgress()

  public init(limits: HeadLimits) {
    self.limits = limits
  }

  /// Makes ready for the next head; also between an interim response and the next.
  public mutating func reset() {
    self.progress = HeadProgress()
  }

  /// Reads on. `input` starts at the first byte of the head in every call, and all places in `head`
  /// count from there. The head is reset by the first call for it. After `complete` or `failed` call
  /// `reset()` before the next head; a failure is repeated until then.
  public mutating func parse(_ input: Span<UInt8>, into head: inout ResponseHead) -> ParseResult {
    if let failure = self.progress.failure { return .failed(failure) }
    if !self.progress.hasStartLine {
      if let result = self.parseStatusLine(input, into: &head) { return result }
    }
    return self.parseFields(input, into: &head)
  }

  /// nil once the line has been taken in.
  private mutating func parseStatusLine(_ input: Span<UInt8>, into head: inout ResponseHead) -> ParseResult? {
    let limit = min(self.limits.requestLineBytes, self.limits.headBytes)
    switch StatusLine.read(input, from: 0, to: min(input.count, limit), &self.progress.scan) {
    case .incomplete: return self.progress.wait(input, limit: limit, orFail: .statusLineTooLong)
    case .failed(let kind): return self.progress.fail(kind)
    case .whole(let line, let next):
      head.reset()
      head.version = line.version
      head.status = line.status
      head.reason = line.reason
      self.progress.hasStartLine = true
      self.progress.advanceAfresh(to: next)
      return nil
    }
  }

  private mutating func parseFields(_ input: Span<UInt8>, into head: inout ResponseHead) -> ParseResult {
    while true {
      let start = self.progress.lineStart
      let limit = min(start &+ self.limits.fieldLineBytes, self.limits.headBytes)
      switch FieldLine.read(
        input, from: start, to: min(input.count, limit), &self.progress.scan, takesBareLineFeed: true)
      {
      case .field(let field, let next):
        guard head.fields.count < self.limits.fieldCount else { return self.progress.fail(.tooManyFields) }
        head.append(field)
        // A `Host` in a response means nothing.
        if field.known.bit & KnownField.framingBits != 0, field.known != .host {
          if let kind = self.progress.facts.note(field, in: input) { return self.progress.fail(kind) }
        }
        self.progress.advance(to: next)
        self.progress.scan.nameEnd = -1
      case .incomplete:
        let kind: HeadError.Kind = limit == self.limits.headBytes ? .headTooLong : .fieldLineTooLong
        return self.progress.wait(input, limit: limit, orFail: kind)
      case .failed(let kind): return self.progress.fail(kind)
      case .endOfSection(let next): return self.finish(&head, next: next)
      }
    }
  }

  /// Settles what the fields mean together.
  private mutating func finish(_ head: inout ResponseHead, next: Int) -> ParseResult {
    let facts = self.progress.facts
    switch facts.framing(version: head.version) {
    case .failure(let error): return self.progress.fail(error.kind)
    case .success(.none): head.declaredFraming = .untilClose
    case .success(let framing): head.declaredFraming = framing
    }
    head.flags = facts.flags
    head.isPersistent =
      facts.isPersistent(version: head.version) && !Self.liesAboutContent(head) && !self.progress.scan.hasBareLineFeed
    self.progress.advance(to: next)
    return .complete(next)
  }

  /// A response that cannot have content announces some (RFC 9110, section 8.6; RFC 9112, section
  /// 6.1): the upstream might send it, so nothing may follow on this connection.
  private static func liesAboutContent(_ head: ResponseHead) -> Bool {
    guard head.status < 200 || head.status == 204 else { return false }
    return head.declaredFraming != .untilClose && head.declaredFraming != .contentLength(0)
  }
}
