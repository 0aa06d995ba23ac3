// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonPluginAPI

/// What the log phase may know. What costs memory is kept only where a plugin logs (`PluginChain.mayLog`).
extension Exchange {
  // MARK: Tries

  func noteTry(at address: SocketAddress, began: UInt64) {
    self.hasTraces = true
    let attempt = UpstreamTry(
      address: address.ip, port: address.port, startedMicroseconds: self.loop.wallMicroseconds,
      latencyMicroseconds: Clock.monotonicMicroseconds &- began)
    self.changeTries { $0.append(attempt) }
  }

  func noteTryFailed(_ error: GatewayError) {
    self.changeTries { tries in
      guard let last = tries.indices.last else { return }
      tries[last].status = error.status
      tries[last].hasFailed = true
    }
  }

  /// The service answered. Kong counts a server error of the last try there is as a failure.
  func noteAnswer(_ status: UInt16) {
    let isLast = self.tries > self.route?.service?.retries ?? 0
    self.changeTries { tries in
      guard let last = tries.indices.last else { return }
      tries[last].status = status
      tries[last].hasFailed = status > 499 && isLast
    }
  }

  // MARK: The response

  func keepHead(_ output: borrowing ByteBuffer, from start: Int) {
    self.hasTraces = true
    var head = ByteBuffer()
    swap(&head, &self.sentHead)
    head.clear()
    head.append(output.span.extracting(droppingFirst: start))
    swap(&head, &self.sentHead)
  }

  // MARK: Read in the log phase

  var hasRoute: Bool { self.route != nil }
  var loggedRoute: [UInt8]? { self.route?.logged.text { self.route?.entity.logged ?? [] } }
  var loggedService: [UInt8]? {
    self.route?.service.map { service in service.logged.text { service.entity.logged } }
  }

  var loopNumber: Int { self.worker.number }

  var receivedBytes: UInt64 { UInt64(self.headCount) &+ self.receivedFramedBytes }

  /// A head that came in pieces is kept with what came behind it.
  private var headCount: Int {
    let bytes = self.headBytes
    let span = bytes.span
    var index = max(self.head.target.upperBound, self.head.fields.last?.value.upperBound ?? 0)
    while index < span.count {
      index += 1
      guard span[index - 1] == .lineFeed else { continue }
      if index < span.count, span[index] == .carriageReturn { index += 1 }
      if index < span.count, span[index] == .lineFeed { return index + 1 }
    }
    return span.count
  }

  var sentBytes: UInt64 { self.downstream.map { $0.sentBytes &- self.sentBefore } ?? 0 }

  var latencies: RequestLatencies {
    let now = self.loop.now
    let answered = self.answeredAt == 0 ? now : self.answeredAt
    let isProxied = self.upstreamStartedAt != 0
    return RequestLatencies(
      kong: Int(clamping: isProxied ? self.proxyLatency : answered &- self.startedAt),
      proxy: isProxied ? Int(clamping: answered &- self.upstreamStartedAt) : -1,
      request: Int(clamping: now &- self.startedAt),
      receive: self.receivedAt == 0 ? 0 : Int(clamping: self.receivedAt &- answered))
  }

  var upstreamURI: ByteBuffer {
    var target = ByteBuffer()
    guard let route = self.route else { return target }
    self.appendTarget(to: &target, base: route.service?.path ?? [UInt8(ascii: "/")], self.headBytes)
    return target
  }
}
