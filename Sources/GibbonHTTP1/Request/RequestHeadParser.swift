// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// Reads request heads. Holds no bytes: every call gets all bytes of the head received so far.
///
/// The answer does not depend on how the bytes were cut into calls.
public struct RequestHeadParser: Sendable {
  private let limits: HeadLimits
  private var progress = HeadProgress()

  public init(limits: HeadLimits) {
    self.limits = limits
  }

  /// Makes ready for the next head.
  public mutating func reset() {
    self.progress = HeadProgress()
  }

  /// Reads on. `input` starts at the first byte of the head in every call, and all places in `head`
  /// count from there. The head is reset by the first call for it. After `complete` or `failed` call
  /// `reset()` before the next head; a failure is repeated until then.
  public mutating func parse(_ input: Span<UInt8>, into head: inout RequestHead) -> ParseResult {
    if let failure = self.progress.failure { return .failed(failure) }
    if !self.progress.hasStartLine {
      if let result = self.parseRequestLine(input, into: &head) { return result }
    }
    return self.parseFields(input, into: &head)
  }

  /// nil once the line has been taken in.
  private mutating func parseRequestLine(_ input: Span<UInt8>, into head: inout RequestHead) -> ParseResult? {
    if let result = self.skipEmptyLines(input) { return result }
    let start = self.progress.lineStart
    let limit = min(start &+ self.limits.requestLineBytes, self.limits.headBytes)
    switch RequestLine.read(input, from: start, to: min(input.count, limit), &self.progress.scan) {
    case .incomplete: return self.progress.wait(input, limit: limit, orFail: .requestLineTooLong)
    case .failed(let kind): return self.progress.fail(kind)
    case .whole(let line, let next):
      head.reset()
      if Int(line.target.count) > self.limits.targetBytes { return self.progress.fail(.requestLineTooLong) }
      if let kind = head.take(line, in: input) { return self.progress.fail(kind) }
      self.progress.hasStartLine = true
      self.progress.advanceAfresh(to: next)
      return nil
    }
  }

  /// nil once something else than an empty line stands there.
  private mutating func skipEmptyLines(_ input: Span<UInt8>) -> ParseResult? {
    while true {
      let start = self.progress.lineStart
      guard start < input.count else { return .needMoreData }
      if input[start] == .lineFeed { return self.progress.fail(.bareLineFeed) }
      guard input[start] == .carriageReturn else { return nil }
      guard self.progress.emptyLines < self.limits.leadingEmptyLines else { return self.progress.fail(.emptyLines) }
      guard start &+ 1 < input.count else { return .needMoreData }
      guard input[start &+ 1] == .lineFeed else { return self.progress.fail(.bareCarriageReturn) }
      self.progress.emptyLines &+= 1
      self.progress.advance(to: start &+ 2)
    }
  }

  private mutating func parseFields(_ input: Span<UInt8>, into head: inout RequestHead) -> ParseResult {
    while true {
      let start = self.progress.lineStart
      let limit = min(start &+ self.limits.fieldLineBytes, self.limits.headBytes)
      switch FieldLine.read(
        input, from: start, to: min(input.count, limit), &self.progress.scan, takesBareLineFeed: false)
      {
      case .field(let field, let next):
        guard head.fields.count < self.limits.fieldCount else { return self.progress.fail(.tooManyFields) }
        head.append(field)
        if field.known.bit & KnownField.framingBits != 0 {
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
  private mutating func finish(_ head: inout RequestHead, next: Int) -> ParseResult {
    let facts = self.progress.facts
    if let host = facts.host {
      // The authority of the target goes before `Host` (RFC 9112, section 3.2.2).
      if head.authority.isEmpty { head.take(host) } else { head.replaceHost() }
    } else if head.version == .http11 {
      return self.progress.fail(.missingHost)
    }
    switch facts.framing(version: head.version) {
    case .failure(let error): return self.progress.fail(error.kind)
    case .success(let framing): head.framing = framing
    }
    head.flags.formUnion(facts.flags)
    head.isPersistent = facts.isPersistent(version: head.version)
    self.progress.advance(to: next)
    return .complete(next)
  }
}
