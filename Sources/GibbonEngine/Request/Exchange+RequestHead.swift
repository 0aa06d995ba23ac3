// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonModel
internal import GibbonPluginAPI

/// The head of the request as the service gets it: the client's fields in their order and case, less those
/// of one hop, plus what a proxy says of the client.
extension Exchange {
  func writeRequestHead(to output: inout ByteBuffer, service: ServiceRuntime) {
    let bytes = self.received.bytes
    if let method = self.sending.method {
      output.append(text: method)
    } else {
      output.append(bytes[self.received.head.methodName])
    }
    output.append(UInt8.space)
    self.appendTarget(to: &output, service, bytes)
    output.append(" HTTP/1.1\r\n")
    self.appendHost(to: &output, service, bytes)
    self.appendHopFields(to: &output, bytes)
    self.appendForwardedFields(to: &output, bytes)
    self.appendClientFields(to: &output, bytes)
    if !self.sending.edits.isEmpty { self.sending.edits.write(to: &output) }
    self.appendRequestFraming(to: &output)
    output.append("\r\n")
  }

  /// The fields of a request over HTTP/2, as lines; the pseudo-fields are not among them.
  func appendRequestFields(to output: inout ByteBuffer, _ bytes: ByteBuffer) {
    output.append("TE: trailers\r\n")
    self.appendForwardedFields(to: &output, bytes)
    self.appendClientFields(to: &output, bytes)
    if !self.sending.edits.isEmpty { self.sending.edits.write(to: &output) }
    self.appendRequestLength(to: &output)
  }

  // MARK: Target

  func appendTarget(to output: inout ByteBuffer, _ service: ServiceRuntime?, _ bytes: ByteBuffer) {
    if let path = self.sending.path {
      // As it was set: `proxy` has refused what a service could resolve to something else.
      PathNormalizer.escape(path.utf8.span, into: &output)
    } else if service?.speaksHTTP2 == true {
      // As Kong does, and nginx's grpc_pass: nothing is stripped, and nothing put before it.
      if self.received.head.targetHasHighBytes {
        PathNormalizer.escapeHighBytes(bytes[self.received.head.path], into: &output)
      } else {
        output.append(bytes[self.received.head.path])
      }
    } else {
      self.appendRoutedPath(to: &output, service, bytes)
    }
    if let query = self.sending.query {
      if query.isEmpty { return }
      output.append(UInt8(ascii: "?"))
      PathNormalizer.escapeQuery(query.utf8.span, into: &output)
    } else if let query = self.received.head.query {
      output.append(UInt8(ascii: "?"))
      if self.received.head.targetHasHighBytes {
        PathNormalizer.escapeHighBytes(bytes[query], into: &output)
      } else {
        output.append(bytes[query])
      }
    }
  }

  /// The path that route and service give.
  func appendRoutedPath(to output: inout ByteBuffer, _ service: ServiceRuntime?, _ bytes: ByteBuffer) {
    let base = service?.path ?? [UInt8(ascii: "/")]
    if self.received.normalizedPath.isEmpty {
      self.upstreamPathRule.append(
        to: &output, base: base.span, request: bytes[self.received.head.path], isEscaped: true)
    } else {
      let normal = self.received.normalizedPath
      self.upstreamPathRule.append(to: &output, base: base.span, request: normal.span, isEscaped: false)
    }
  }

  private var upstreamPathRule: UpstreamPath {
    UpstreamPath(
      handling: self.route?.pathHandling ?? .v0, strips: self.route?.stripPath == true,
      matchedCount: self.sending.hasMatchedPath ? Int(self.sending.matchedPrefix.count) : nil)
  }

  // MARK: Fields

  private func appendHost(to output: inout ByteBuffer, _ service: ServiceRuntime, _ bytes: ByteBuffer) {
    if !self.sending.edits.isEmpty, self.sending.edits.drops("host".utf8.span) { return }
    output.append("Host: ")
    self.appendHostValue(to: &output, service, bytes)
    output.append("\r\n")
  }

  private func appendHostValue(to output: inout ByteBuffer, _ service: ServiceRuntime, _ bytes: ByteBuffer) {
    if self.route?.preserveHost == true, !self.received.head.authority.isEmpty {
      output.append(bytes[self.received.head.authority])
    } else if let host = service.hostHeader {
      output.append(host.span)
      let port = self.service.peer?.address.port ?? 0
      if !service.hostHeaderHasPort, !HostText.isDefault(port, isEncrypted: service.isUpstreamTLS) {
        output.append(UInt8(ascii: ":"))
        output.append(decimal: Int(port))
      }
    } else {
      let host = self.sending.endpointHost
      output.append(host.span)
    }
  }

  /// What `Host` would say, as a plugin may have set it.
  func appendAuthority(to output: inout ByteBuffer, _ service: ServiceRuntime, _ bytes: ByteBuffer) {
    if !self.sending.edits.isEmpty, self.sending.edits.drops("host".utf8.span) {
      if let host = self.sending.edits.values("host").values.first { output.append(text: host) }
      return
    }
    self.appendHostValue(to: &output, service, bytes)
  }

  private func appendHopFields(to output: inout ByteBuffer, _ bytes: ByteBuffer) {
    if self.asksForUpgrade {
      output.append("Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n")
    } else {
      output.append("Connection: keep-alive\r\n")
    }
    if self.received.head.acceptsTrailers { output.append("TE: trailers\r\n") }
  }

  /// A WebSocket handshake (RFC 6455 section 4.1): GET without a body, with a key and a version. Anything else goes on
  /// as the request it is without `Upgrade`: after a 101 its body and the tunnel's bytes could not be told apart.
  var asksForUpgrade: Bool {
    guard self.received.head.upgradesToWebSocket, self.effectiveMethod == .get,
      self.requestFlow.buffered?.isEmpty ?? true
    else {
      return false
    }
    switch self.received.head.framing {
    case .none, .contentLength(0): break
    case .contentLength, .chunked, .untilClose: return false
    }
    return self.received.locateHeader(Array("sec-websocket-key".utf8)).count == 1
      && self.received.locateHeader(Array("sec-websocket-version".utf8)).count == 1
  }

  private func appendClientFields(to output: inout ByteBuffer, _ bytes: ByteBuffer) {
    let isEdited = !self.sending.edits.isEmpty
    let namesFields = self.received.head.connectionNamesFields
    for field in self.received.head.fields {
      let name = bytes[field.name]
      if field.known != .other {
        if self.isManaged(field.known) { continue }
      } else if let alias = FieldAlias.dashed(name) {
        // A service may take it for one that the gateway or a plugin sets.
        if self.isManaged(KnownField.of(alias.span)) || self.sending.edits.drops(alias.span) { continue }
      }
      if isEdited, self.sending.edits.drops(name) { continue }
      if namesFields, self.received.isNamedByConnection(name) { continue }
      output.appendField(name, bytes[field.value])
    }
  }

  /// Fields of one hop, and those the gateway writes itself, under whatever name a service takes for theirs.
  private func isManaged(_ known: KnownField) -> Bool {
    switch known {
    case .host, .connection, .contentLength, .transferEncoding, .expect, .upgrade, .te, .keepAlive, .proxyConnection,
      .proxy, .via, .xForwardedFor, .xForwardedProto, .xForwardedHost, .xForwardedPort, .xForwardedPath,
      .xForwardedPrefix, .xRealIP, .xKongRequestDebug, .xKongRequestDebugToken, .xKongRequestDebugLog:
      true
    case .xKongRequestID: self.worker.headerSettings.upstreamRequestID
    default: false
    }
  }

  private func appendRequestFraming(to output: inout ByteBuffer) {
    if self.requestFlow.buffered != nil { return self.appendRequestLength(to: &output) }
    if case .chunked = self.requestFlow.body.framing, !self.holdsWholeBody {
      output.append("Transfer-Encoding: chunked\r\n")
    } else {
      self.appendRequestLength(to: &output)
    }
  }

  /// `Content-Length`, where the length is known.
  private func appendRequestLength(to output: inout ByteBuffer) {
    if let body = self.requestFlow.buffered {
      // A request that had no body, and was given none, says nothing of a length.
      if body.isEmpty, case .none = self.requestFlow.body.framing { return }
      return output.appendField("Content-Length", body.count)
    }
    switch self.requestFlow.body.framing {
    case .none, .untilClose: break
    case .contentLength(let length): output.appendField("Content-Length", Int(clamping: length))
    case .chunked where self.holdsWholeBody: output.appendField("Content-Length", self.requestFlow.kept.count)
    case .chunked: break
    }
  }

  func appendRequestID(to output: inout ByteBuffer) {
    let id = self.received.id
    output.append(upTo: 56) { output in
      output.append("X-Kong-Request-Id: ")
      output.append(hex: id.0, width: 16)
      output.append(hex: id.1, width: 16)
      output.append("\r\n")
    }
  }
}
