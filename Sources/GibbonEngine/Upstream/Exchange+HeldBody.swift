// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonPluginAPI

/// The part of a request's body that is gathered before it goes on: for a plugin that reads it, and because a service
/// shall not wait for slow clients (`request_buffering`). See docs/decisions/0012-request-bodies-are-held-back.md.
extension Exchange {
  // MARK: For plugins that read bodies

  func beginBuffering() {
    self.step = .buffering
    self.hasTraces = true
    self.inviteBody()
    self.downstream?.resumeBody()
  }

  // MARK: For the service

  private var isHoldingOn: Bool {
    self.route?.buffersRequests == true && self.worker.downstreamSettings.requestBufferBytes > 0
  }

  /// Whether the service must wait for the body. What a plugin was to read can be more than is held back here.
  var mustHoldBody: Bool {
    !self.requestBody.isComplete && self.isHoldingOn
      && self.keptBody.count <= self.worker.downstreamSettings.requestBufferBytes
  }

  func beginHolding() {
    self.step = .holding
    self.isBufferingOver = false
    self.inviteBody()
    // Where the head is being taken in, the bytes behind it follow by themselves.
    if self.downstream?.isConsuming != true { self.downstream?.resumeBody() }
  }

  /// The body was complete before the service was contacted: it goes with its length, however the client sent it.
  /// Trailers have no place then and are dropped, as by nginx.
  var holdsWholeBody: Bool { self.requestBody.isComplete && self.isBodyKept && self.isHoldingOn }

  // MARK: Both

  func hold(_ bytes: Span<UInt8>, upTo limit: Int) {
    self.keepOfBody(bytes)
    if self.keptBody.count > limit { self.isBufferingOver = true }
  }

  /// Goes on with what the body was gathered for, once the connection has stopped handing its bytes in.
  func continueAfterBuffering() {
    guard self.isBufferingOver else { return }
    switch self.step {
    case .buffering:
      if self.requestBody.isComplete, self.keptBody.count <= self.worker.downstreamSettings.bodyBufferBytes {
        self.bufferedBody = self.takeKeptBody()
      }
      self.step = .access
      self.cursor = 0
      self.runAccess()
    case .holding: self.balance()
    default: break
    }
  }

  /// `Expect: 100-continue`: somebody wants the body now.
  func inviteBody() {
    guard self.head.expectsContinue, !self.isBodyInvited, !self.requestBody.isComplete else { return }
    self.isBodyInvited = true
    self.downstream?.sendContinue()
  }

  /// What is here of the body: what a plugin has read (and perhaps changed), or what was kept of what arrived.
  func appendBody(to output: inout ByteBuffer) {
    if let body = self.bufferedBody { return output.append(body.span) }
    if case .none = self.requestBody.framing { return }
    let kept = self.keptBody
    guard case .chunked = self.requestBody.framing, !self.holdsWholeBody else { return output.append(kept.span) }
    output.appendChunkHeader(count: kept.count)
    if !kept.isEmpty {
      output.append(kept.span)
      output.appendChunkEnd()
    }
    if self.requestBody.isComplete { output.appendLastChunk(trailers: self.requestBody.trailers) }
  }
}
