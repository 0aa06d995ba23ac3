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
    self.client.resumeBody()
  }

  // MARK: For the service

  private var isHoldingOn: Bool {
    // A call of gRPC may be answered before all of it was said.
    self.route?.buffersRequests == true && self.worker.downstreamSettings.requestBufferBytes > 0
      && self.route?.service?.speaksHTTP2 != true
  }

  /// Whether the service must wait for the body. What a plugin was to read can be more than is held back here.
  var mustHoldBody: Bool {
    !self.requestFlow.body.isComplete && self.isHoldingOn
      && self.requestFlow.kept.count <= self.worker.downstreamSettings.requestBufferBytes
  }

  func beginHolding() {
    self.step = .holding
    self.requestFlow.isBufferingOver = false
    self.inviteBody()
    // Where the head is being taken in, the bytes behind it follow by themselves.
    if !self.client.isConsuming { self.client.resumeBody() }
  }

  /// The body was complete before the service was contacted: it goes with its length, however the client sent it.
  /// Trailers have no place then and are dropped, as by nginx.
  var holdsWholeBody: Bool { self.requestFlow.body.isComplete && self.requestFlow.isKept && self.isHoldingOn }

  // MARK: Both

  func hold(_ bytes: Span<UInt8>, upTo limit: Int) {
    self.requestFlow.keep(bytes)
    if self.requestFlow.kept.count > limit { self.requestFlow.isBufferingOver = true }
  }

  /// Goes on with what the body was gathered for, once the connection has stopped handing its bytes in.
  func continueAfterBuffering() {
    guard self.requestFlow.isBufferingOver else { return }
    switch self.step {
    case .buffering:
      if self.requestFlow.body.isComplete, self.requestFlow.kept.count <= self.worker.downstreamSettings.bodyBufferBytes
      {
        self.requestFlow.buffered = self.requestFlow.takeKept()
      }
      self.step = .access
      self.plugins.cursor = 0
      self.runAccess()
    case .holding: self.balance()
    default: break
    }
  }

  /// `Expect: 100-continue`: somebody wants the body now.
  func inviteBody() {
    guard self.received.head.expectsContinue, !self.requestFlow.isInvited, !self.requestFlow.body.isComplete else {
      return
    }
    self.requestFlow.isInvited = true
    self.client.sendContinue()
  }

  /// What is here of the body: what a plugin has read (and perhaps changed), or what was kept of what arrived.
  func appendBody(to output: inout ByteBuffer) {
    if let body = self.requestFlow.buffered { return output.append(body.span) }
    if case .none = self.requestFlow.body.framing { return }
    let kept = self.requestFlow.kept
    guard case .chunked = self.requestFlow.body.framing, !self.holdsWholeBody else { return output.append(kept.span) }
    output.appendChunkHeader(count: kept.count)
    if !kept.isEmpty {
      output.append(kept.span)
      output.appendChunkEnd()
    }
    if self.requestFlow.body.isComplete { output.appendLastChunk(trailers: self.requestFlow.body.trailers) }
  }
}
