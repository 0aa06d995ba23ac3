// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonPluginAPI

/// The response as it will be sent: the service's head, or what the gateway says in its place, and what plugins made of
/// it.
final class ResponseDraft {
  private(set) var bytes = ByteBuffer()
  private(set) var head = ResponseHead()
  var body: MessageBody
  /// A service has answered.
  var isFromService = false
  var status: UInt16 = 0
  private(set) var edits = HeaderEdits()
  /// The client gets no body, whatever there is.
  var isBodyDropped = false
  var source = ResponseSource.service
  var localHeaders: [(name: String, value: String)] = []
  var isServerLevelError = false
  /// The gateway's answer is one that a service gave before.
  var repeatsService = false
  /// It has begun: nothing else can be answered, and nobody is asked again.
  var isStarted = false
  /// A plugin wants the head to wait for the body, which may decide about it.
  private(set) var isHeadHeld = false
  /// In place of the trailers that the service sent.
  var trailers: [(name: String, value: String)]?
  var framing = OutgoingFraming.none
  /// The plugins that see the body; empty for nearly all.
  var bodyFilters: [BodyFilter] = []
  /// One of them may change it.
  var isBodyChanged = false

  init(limits: HeadLimits) { self.body = MessageBody(limits: limits, isLoose: true) }

  var isSmall: Bool { self.bytes.capacity <= 16 * 1024 }

  func reset() {
    self.isFromService = false
    self.status = 0
    self.source = .service
    self.isServerLevelError = false
    self.isStarted = false
    self.framing = .none
    var bytes = ByteBuffer()
    swap(&bytes, &self.bytes)
    bytes.clear()
    swap(&bytes, &self.bytes)
  }

  func resetTraces() {
    self.edits = HeaderEdits()
    self.isBodyDropped = false
    if !self.localHeaders.isEmpty { self.localHeaders = [] }
    if !self.bodyFilters.isEmpty { self.bodyFilters = [] }
    self.isBodyChanged = false
    self.repeatsService = false
    self.isHeadHeld = false
    self.trailers = nil
  }

  func holdHead() { self.isHeadHeld = true }

  func releaseHead() { self.isHeadHeld = false }

  /// The head that waits will not be sent: another answer may take its place.
  func dropHeldHead() {
    guard self.isHeadHeld else { return }
    self.isHeadHeld = false
    self.isStarted = false
    self.bodyFilters = []
    self.isBodyChanged = false
    self.isFromService = false
  }

  func edit(_ edit: (inout HeaderEdits) -> Void) {
    var edits = HeaderEdits()
    swap(&edits, &self.edits)
    edit(&edits)
    swap(&edits, &self.edits)
  }

  // MARK: Filling

  func parse(_ input: Span<UInt8>, _ parser: inout ResponseHeadParser) -> ParseResult {
    var head = ResponseHead()
    swap(&head, &self.head)
    let result = parser.parse(input, into: &head)
    swap(&head, &self.head)
    return result
  }

  /// A head that another codec has read.
  func take(_ fill: (inout ByteBuffer, inout ResponseHead) -> Void) {
    var bytes = ByteBuffer()
    var head = ResponseHead()
    swap(&bytes, &self.bytes)
    swap(&head, &self.head)
    fill(&bytes, &head)
    swap(&bytes, &self.bytes)
    swap(&head, &self.head)
  }

  /// In place of those there are.
  func keepBytes(_ input: Span<UInt8>) {
    var held = ByteBuffer()
    swap(&held, &self.bytes)
    held.clear()
    held.append(input)
    swap(&held, &self.bytes)
  }

  func addBytes(_ input: Span<UInt8>) {
    var held = ByteBuffer()
    swap(&held, &self.bytes)
    held.append(input)
    swap(&held, &self.bytes)
  }

  // MARK: The body

  /// - Parameter isDelimited: somebody else says where it ends (`MessageBody.finish`).
  func begin(_ framing: BodyFraming, limits: HeadLimits, isDelimited: Bool) {
    var body = self.body
    body.begin(framing, limits: limits, isDelimited: isDelimited)
    self.body = body
  }

  func next(_ input: Span<UInt8>, from offset: Int) -> MessageBody.Piece {
    var body = self.body
    let piece = body.next(input, from: offset)
    self.body = body
    return piece
  }

  func finish() {
    var body = self.body
    body.finish()
    self.body = body
  }

  func take(trailerLines: Span<UInt8>) {
    var body = self.body
    body.take(trailerLines: trailerLines)
    self.body = body
  }

  /// The input has ended. Whether the body ends so.
  func endOfInput() -> Bool {
    var body = self.body
    let isWhole = body.endOfInput()
    self.body = body
    return isWhole
  }
}

/// A plugin that sees the body of a response.
struct BodyFilter {
  let entry: PluginEntry
  /// It does not change it.
  let isObserver: Bool
}

/// How a response's body is delimited towards a client of HTTP/1; over HTTP/2, whether there is one.
enum OutgoingFraming: UInt8 {
  /// No body at all: HEAD, 204, 304, 101.
  case none
  /// As long as `Content-Length` says.
  case length
  case chunked
  /// Ends with the connection.
  case close
}
