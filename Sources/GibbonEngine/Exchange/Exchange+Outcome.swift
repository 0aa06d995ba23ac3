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
    self.attempt.changeLog { $0.append(attempt) }
  }

  func noteTryFailed(_ error: GatewayError) {
    self.attempt.changeLog { tries in
      guard let last = tries.indices.last else { return }
      tries[last].status = error.status
      tries[last].hasFailed = true
    }
  }

  /// The service answered. Kong counts a server error of the last try there is as a failure.
  func noteAnswer(_ status: UInt16) {
    let isLast = self.attempt.tries > self.route?.service?.retries ?? 0
    self.attempt.changeLog { tries in
      guard let last = tries.indices.last else { return }
      tries[last].status = status
      tries[last].hasFailed = status > 499 && isLast
    }
  }

  // MARK: Read in the log phase

  var hasRoute: Bool { self.route != nil }
  var loggedRoute: [UInt8]? { self.route?.logged.text { self.route?.entity.logged ?? [] } }
  var loggedService: [UInt8]? {
    self.route?.service.map { service in service.logged.text { service.entity.logged } }
  }

  var loopNumber: Int { self.worker.number }

  var receivedBytes: UInt64 { UInt64(self.received.headCount) &+ self.requestFlow.receivedFramedBytes }

  var sentBytes: UInt64 { self.client.isPresent ? self.client.sentBytes &- self.outcome.sentBefore : 0 }

  var latencies: RequestLatencies {
    let now = self.loop.now
    let answered = self.outcome.answeredAt == 0 ? now : self.outcome.answeredAt
    let isProxied = self.attempt.startedAt != 0
    return RequestLatencies(
      kong: Int(clamping: isProxied ? self.outcome.proxyLatency : answered &- self.received.startedAt),
      proxy: isProxied ? Int(clamping: answered &- self.attempt.startedAt) : -1,
      request: Int(clamping: now &- self.received.startedAt),
      receive: self.outcome.receivedAt == 0 ? 0 : Int(clamping: self.outcome.receivedAt &- answered))
  }

  var upstreamURI: ByteBuffer {
    var target = ByteBuffer()
    guard let route = self.route else { return target }
    self.appendTarget(to: &target, route.service, self.received.bytes)
    return target
  }
}
