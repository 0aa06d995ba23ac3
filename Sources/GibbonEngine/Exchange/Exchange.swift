// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonPluginAPI

/// One request and its response, from the head's last byte to the log phase.
///
/// What it knows lies in parts, each with what belongs together; they live as long as the exchange and are used again
/// with it. The exchange itself knows whom it speaks to (`client`, `service`), where it stands (`step`), and takes each
/// event to where it belongs. Confined to its loop.
final class Exchange {
  enum Step: UInt8 {
    /// The head is not complete yet.
    case reading
    /// Plugins run, before a service is chosen.
    case rewrite, access
    /// A plugin wants the body first.
    case buffering
    /// The body is held back until it is complete or too large for that.
    case holding
    /// The service's name is being resolved.
    case resolving
    /// A request is on its way to a service, or its response to the client.
    case proxying
    /// The end of the response is being made by a helper thread.
    case making
    /// A 101 made it a tunnel of bytes.
    case tunnel
    /// The response is written; the last bytes wait for the client.
    case flushing
    case done
  }

  let worker: Worker
  private(set) lazy var context = RequestContext(backend: self)
  var step = Step.reading
  /// Distinguishes the requests that use this object one after another, for late resumptions.
  private(set) var generation: UInt64 = 0
  var client = ClientSide.none
  var service = ServiceSide.none
  var snapshot: Snapshot
  var route: RouteRuntime?
  let received: ReceivedRequest
  let sending = OutgoingRequest()
  let requestFlow: RequestFlow
  let plugins = PluginRun()
  let attempt: Attempt
  let response: ResponseDraft
  let outcome = Outcome()
  /// The connection of HTTP/1 cannot be used after this.
  var closesDownstream = false
  var isTunnelHalfClosed = false
  /// The client is gone: nothing more is said to it.
  private(set) var isAborted = false
  /// A plugin or a local answer may have left something to be reset.
  var hasTraces = false

  init(worker: Worker) {
    self.worker = worker
    self.snapshot = worker.snapshot
    self.received = ReceivedRequest(parser: worker.requestParser)
    self.attempt = Attempt(parser: worker.responseParser)
    self.requestFlow = RequestFlow(limits: worker.downstreamSettings.headLimits)
    self.response = ResponseDraft(limits: worker.upstreamSettings.headLimits)
  }

  var loop: EventLoop { self.worker.loop }

  /// Whether nobody else holds on to it and its buffers are small enough to keep for the next request.
  var isWorthKeeping: Bool {
    self.plugins.isFree && self.received.isSmall && self.response.isSmall && self.outcome.isSmall
      && self.requestFlow.kept.capacity <= 16 * 1024
  }

  func reset() {
    self.generation &+= 1
    if self.hasTraces { self.resetTraces() }
    self.step = .reading
    self.client = .none
    self.service = .none
    self.snapshot = self.worker.snapshot
    self.route = nil
    self.isAborted = false
    self.closesDownstream = false
    self.isTunnelHalfClosed = false
    self.received.reset()
    self.sending.reset()
    self.requestFlow.reset()
    self.plugins.reset()
    self.attempt.reset()
    self.response.reset()
    self.outcome.reset()
  }

  /// What only plugins, local answers and rare requests leave behind.
  private func resetTraces() {
    self.hasTraces = false
    self.context.reset()
    self.sending.resetTraces()
    self.requestFlow.resetTraces()
    self.plugins.resetTraces()
    self.attempt.resetTraces()
    self.response.resetTraces()
    self.outcome.resetTraces()
  }

  /// Ends the request without another byte to the client, who is gone.
  func abort() {
    guard self.step != .done else { return }
    self.response.status = 499
    self.isAborted = true
    self.releaseUpstream(reusable: false)
    self.finish()
  }

  /// The response is with the kernel, or will never be: log, let go, hand the connection on.
  func finish() {
    guard self.step != .done else { return }
    self.step = .done
    self.endBalancing()
    if self.plugins.isSuspended { self.stopSuspensionTimer() }
    self.runLog()
    let client = self.client
    self.client = .none
    client.finished(self)
  }
}
