// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1

/// The request's body on its way: how much has come, what is kept of it, and whether it has been sent on.
final class RequestFlow {
  var body: MessageBody
  var receivedBytes: UInt64 = 0
  /// A plugin's limit for the body; the gateway's own applies besides.
  private(set) var limit = UInt64.max
  /// What arrived of the body, framing included.
  var receivedFramedBytes: UInt64 = 0
  /// What arrived of the body and is still here, without framing: read before the service was contacted, or sent and
  /// kept for another try. Empty when a plugin has it (`buffered`).
  var kept = ByteBuffer()
  /// All that arrived is there; otherwise the body cannot be sent again.
  var isKept = true
  /// The end of the steps `buffering` and `holding`.
  var isBufferingOver = false
  /// The client was told to go on with its body.
  var isInvited = false
  /// The body is wholly sent on.
  var isSent = false
  /// What a plugin has read, and perhaps changed.
  var buffered: ByteBuffer?

  init(limits: HeadLimits) { self.body = MessageBody(limits: limits, isLoose: false) }

  func reset() {
    self.isSent = false
    self.isBufferingOver = false
    self.isInvited = false
    self.receivedBytes = 0
    self.receivedFramedBytes = 0
    self.isKept = true
    guard !self.kept.isEmpty else { return }
    var held = ByteBuffer()
    swap(&held, &self.kept)
    held.clear()
    swap(&held, &self.kept)
  }

  func resetTraces() {
    self.buffered = nil
    self.limit = .max
  }

  func lower(limit: UInt64) { self.limit = min(self.limit, limit) }

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

  func keep(_ bytes: Span<UInt8>) {
    var held = ByteBuffer()
    swap(&held, &self.kept)
    held.append(bytes)
    swap(&held, &self.kept)
  }

  func takeKept() -> ByteBuffer {
    var held = ByteBuffer()
    swap(&held, &self.kept)
    return held
  }
}
