// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonModel
internal import GibbonPluginAPI

/// What the gateway says of itself in a response (the property `headers`), at the end of every final head.
extension Exchange {
  /// - Parameter hasServer: the response has a `Server` of its own.
  func appendGatewayHeaders(to output: inout ByteBuffer, hasServer: Bool) {
    let headers = self.worker.headerSettings
    if headers.server, !hasServer, !self.response.edits.drops("Server".utf8.span) {
      output.appendField("Server", WireName.server)
    }
    if self.response.source == .service {
      self.appendLatencies(to: &output, status: self.response.head.status, upstream: self.outcome.upstreamLatency)
    } else if self.response.repeatsService {
      self.appendLatencies(to: &output, status: self.response.status, upstream: 0)
    } else if self.wasProxied {
      // It was proxied, if in vain.
      self.appendLatencies(to: &output, status: self.response.status, upstream: self.loop.now &- self.attempt.startedAt)
    } else if headers.responseLatency {
      output.appendField("X-Kong-Response-Latency", Int(self.loop.now &- self.received.startedAt))
    }
    if headers.requestID { self.appendRequestID(to: &output) }
    if headers.allowsDebug { self.appendDebugHeaders(to: &output) }
  }

  /// Whether a service was tried.
  private var wasProxied: Bool { self.attempt.startedAt != 0 }

  /// The fields of what was proxied.
  private func appendLatencies(to output: inout ByteBuffer, status: UInt16, upstream: UInt64) {
    let headers = self.worker.headerSettings
    if headers.upstreamStatus { output.appendField("X-Kong-Upstream-Status", Int(status)) }
    if headers.upstreamLatency { output.appendField("X-Kong-Upstream-Latency", Int(upstream)) }
    if headers.proxyLatency {
      output.appendField(
        "X-Kong-Proxy-Latency",
        Int(self.response.repeatsService ? self.loop.now &- self.received.startedAt : self.outcome.proxyLatency))
    }
    self.appendResponseVia(to: &output, isOn: headers.via)
  }

  private func appendResponseVia(to output: inout ByteBuffer, isOn: Bool) {
    guard self.response.source == .service else { return isOn ? output.appendField("Via", WireName.viaHTTP11) : () }
    let own = WireName.via(self.response.head.version)
    guard self.response.head.has(.via) else { return isOn ? output.appendField("Via", own) : () }
    let bytes = self.response.bytes
    output.append("Via: ")
    var isFirst = true
    for field in self.response.head.fields where field.known == .via && !field.value.isEmpty {
      if !isFirst { output.append(", ") }
      isFirst = false
      output.append(bytes[field.value])
    }
    if isOn {
      if !isFirst { output.append(", ") }
      output.append(own)
    }
    output.append("\r\n")
  }

  /// `Kong-Debug: 1` asks which route and service were used.
  private func appendDebugHeaders(to output: inout ByteBuffer) {
    guard self.received.head.has(.kongDebug), let route = self.route else { return }
    output.appendField("Kong-Route-Id", "\(route.entity.id)")
    if let name = route.entity.name { output.appendField("Kong-Route-Name", name) }
    guard let service = route.service?.entity else { return }
    output.appendField("Kong-Service-Id", "\(service.id)")
    if let name = service.name { output.appendField("Kong-Service-Name", name) }
  }
}
