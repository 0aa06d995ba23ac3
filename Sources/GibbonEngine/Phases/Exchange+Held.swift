// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonPluginAPI

/// Changes of the larger things an exchange holds.
///
/// Whether a property of a class is read while it is being changed is checked at run time, at every access, unless the
/// compiler sees that nothing else runs within any change of it: then no access costs anything. So what needs calls is
/// done to a local value that is swapped out and in again. See docs/decisions/0010-checked-accesses.md.
extension Exchange {
  // MARK: The client's head and body

  func parseHead(_ input: Span<UInt8>, _ parser: inout RequestHeadParser) -> ParseResult {
    var head = RequestHead()
    swap(&head, &self.head)
    let result = parser.parse(input, into: &head)
    swap(&head, &self.head)
    return result
  }

  func keepHeadBytes(_ bytes: Span<UInt8>) {
    var held = ByteBuffer()
    swap(&held, &self.headBytes)
    held.append(bytes)
    swap(&held, &self.headBytes)
  }

  func beginRequestBody(_ framing: BodyFraming) {
    var body = self.requestBody
    body.begin(framing, limits: self.worker.downstreamSettings.headLimits)
    self.requestBody = body
  }

  func nextOfRequest(_ input: Span<UInt8>, from offset: Int) -> MessageBody.Piece {
    var body = self.requestBody
    let piece = body.next(input, from: offset)
    self.requestBody = body
    return piece
  }

  func keepOfBody(_ bytes: Span<UInt8>) {
    var held = ByteBuffer()
    swap(&held, &self.keptBody)
    held.append(bytes)
    swap(&held, &self.keptBody)
  }

  func takeKeptBody() -> ByteBuffer {
    var held = ByteBuffer()
    swap(&held, &self.keptBody)
    return held
  }

  func clearKeptBody() {
    var held = ByteBuffer()
    swap(&held, &self.keptBody)
    held.clear()
    swap(&held, &self.keptBody)
  }

  // MARK: The service's head and body

  func parseResponse(_ input: Span<UInt8>) -> ParseResult {
    var parser = self.responseParser
    var head = ResponseHead()
    swap(&head, &self.responseHead)
    let result = parser.parse(input, into: &head)
    swap(&head, &self.responseHead)
    self.responseParser = parser
    return result
  }

  /// In place of those there are.
  func keepResponseBytes(_ bytes: Span<UInt8>) {
    var held = ByteBuffer()
    swap(&held, &self.responseBytes)
    held.clear()
    held.append(bytes)
    swap(&held, &self.responseBytes)
  }

  func addResponseBytes(_ bytes: Span<UInt8>) {
    var held = ByteBuffer()
    swap(&held, &self.responseBytes)
    held.append(bytes)
    swap(&held, &self.responseBytes)
  }

  func beginResponseBody(_ framing: BodyFraming) {
    var body = self.responseBody
    body.begin(framing, limits: self.worker.upstreamSettings.headLimits)
    self.responseBody = body
  }

  func nextOfResponse(_ input: Span<UInt8>, from offset: Int) -> MessageBody.Piece {
    var body = self.responseBody
    let piece = body.next(input, from: offset)
    self.responseBody = body
    return piece
  }

  // MARK: For the next request

  /// Forgets the heads and keeps their memory.
  func clearHeads() {
    var bytes = ByteBuffer()
    swap(&bytes, &self.headBytes)
    bytes.clear()
    swap(&bytes, &self.headBytes)
    swap(&bytes, &self.responseBytes)
    bytes.clear()
    swap(&bytes, &self.responseBytes)
    if !self.normalizedPath.isEmpty { self.normalizedPath = ByteBuffer() }
    // Also what a head that is refused early would leave of the one before it.
    var head = RequestHead()
    swap(&head, &self.head)
    head.reset()
    swap(&head, &self.head)
  }

  func clearSentHead() {
    guard !self.sentHead.isEmpty else { return }
    var bytes = ByteBuffer()
    swap(&bytes, &self.sentHead)
    bytes.clear()
    swap(&bytes, &self.sentHead)
  }

  // MARK: Lists

  func keepChosen(_ entry: PluginEntry) {
    var chosen: [PluginEntry] = []
    swap(&chosen, &self.chosen)
    chosen.append(entry)
    swap(&chosen, &self.chosen)
  }

  @inline(__always)
  func changeTries(_ change: (inout [UpstreamTry]) -> Void) {
    var tries: [UpstreamTry] = []
    swap(&tries, &self.upstreamTries)
    change(&tries)
    swap(&tries, &self.upstreamTries)
  }
}
