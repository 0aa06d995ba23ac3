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
  func writeRequestHead(to output: inout ByteBuffer, service: ServiceRuntime, peer: Peer) {
    let bytes = self.headBytes
    if let method = self.upstreamMethod {
      output.append(text: method)
    } else {
      output.append(bytes[self.head.methodName])
    }
    output.append(UInt8.space)
    self.appendTarget(to: &output, base: service.path, bytes)
    output.append(" HTTP/1.1\r\n")
    self.appendHost(to: &output, service, bytes)
    self.appendHopFields(to: &output, bytes)
    self.appendForwardedFields(to: &output, bytes)
    self.appendClientFields(to: &output, bytes)
    if !self.upstreamEdits.isEmpty { self.upstreamEdits.write(to: &output) }
    self.appendRequestFraming(to: &output)
    output.append("\r\n")
  }

  // MARK: Target

  func appendTarget(to output: inout ByteBuffer, base: [UInt8], _ bytes: ByteBuffer) {
    if let path = self.upstreamPath {
      // As it was set: `proxy` has refused what a service could resolve to something else.
      PathNormalizer.escape(path.utf8.span, into: &output)
    } else if self.normalizedPath.isEmpty {
      self.upstreamPathRule.append(to: &output, base: base.span, request: bytes[self.head.path], isEscaped: true)
    } else {
      let normal = self.normalizedPath
      self.upstreamPathRule.append(to: &output, base: base.span, request: normal.span, isEscaped: false)
    }
    if let query = self.upstreamQuery {
      if query.isEmpty { return }
      output.append(UInt8(ascii: "?"))
      PathNormalizer.escapeQuery(query.utf8.span, into: &output)
    } else if let query = self.head.query {
      output.append(UInt8(ascii: "?"))
      if self.head.targetHasHighBytes {
        PathNormalizer.escapeHighBytes(bytes[query], into: &output)
      } else {
        output.append(bytes[query])
      }
    }
  }

  private var upstreamPathRule: UpstreamPath {
    UpstreamPath(
      handling: self.route?.pathHandling ?? .v0, strips: self.route?.stripPath == true,
      matchedCount: self.hasMatchedPath ? Int(self.matchedPrefix.count) : nil)
  }

  // MARK: Fields

  private func appendHost(to output: inout ByteBuffer, _ service: ServiceRuntime, _ bytes: ByteBuffer) {
    if !self.upstreamEdits.isEmpty, self.upstreamEdits.drops("host".utf8.span) { return }
    if self.route?.preserveHost == true, !self.head.authority.isEmpty {
      output.appendField("Host", bytes[self.head.authority])
    } else if let host = service.hostHeader {
      output.append("Host: ")
      output.append(host.span)
      let port = self.upstream?.peer.address.port ?? 0
      if !service.hostHeaderHasPort, !HostText.isDefault(port, isEncrypted: service.isUpstreamTLS) {
        output.append(UInt8(ascii: ":"))
        output.append(decimal: Int(port))
      }
      output.append("\r\n")
    } else {
      let host = self.endpointHost
      output.appendField("Host", host.span)
    }
  }

  private func appendHopFields(to output: inout ByteBuffer, _ bytes: ByteBuffer) {
    if self.asksForUpgrade {
      output.append("Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n")
    } else {
      output.append("Connection: keep-alive\r\n")
    }
    if self.head.acceptsTrailers { output.append("TE: trailers\r\n") }
  }

  /// A WebSocket handshake (RFC 6455 section 4.1): GET without a body, with a key and a version. Anything else goes on as
  /// the request it is without `Upgrade`: after a 101 its body and the tunnel's bytes could not be told apart.
  var asksForUpgrade: Bool {
    guard self.head.upgradesToWebSocket, self.effectiveMethod == .get, self.bufferedBody?.isEmpty ?? true else {
      return false
    }
    switch self.head.framing {
    case .none, .contentLength(0): break
    case .contentLength, .chunked, .untilClose: return false
    }
    return self.locateHeader(Array("sec-websocket-key".utf8)).count == 1
      && self.locateHeader(Array("sec-websocket-version".utf8)).count == 1
  }

  private func appendClientFields(to output: inout ByteBuffer, _ bytes: ByteBuffer) {
    let isEdited = !self.upstreamEdits.isEmpty
    let namesFields = self.head.connectionNamesFields
    for field in self.head.fields {
      let name = bytes[field.name]
      if self.isManaged(field.known == .other ? KnownField.takenFor(name) ?? .other : field.known) { continue }
      if isEdited, self.upstreamEdits.drops(name) { continue }
      if namesFields, self.isNamedByConnection(name, bytes) { continue }
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

  /// `Connection: x-private` takes the field `X-Private` off the message (RFC 9110 section 7.6.1).
  private func isNamedByConnection(_ name: Span<UInt8>, _ bytes: ByteBuffer) -> Bool {
    for field in self.head.fields where field.known == .connection {
      var tokens = FieldTokens(field.value)
      while let token = tokens.next(in: bytes.span) {
        if bytes[token].equalsIgnoringCase(name) { return true }
      }
    }
    return false
  }

  private func appendRequestFraming(to output: inout ByteBuffer) {
    if let body = self.bufferedBody {
      // A request that had no body, and was given none, says nothing of a length.
      if body.isEmpty, case .none = self.requestBody.framing { return }
      output.appendField("Content-Length", body.count)
      return
    }
    switch self.requestBody.framing {
    case .none, .untilClose: break
    case .contentLength(let length): output.appendField("Content-Length", Int(clamping: length))
    case .chunked where self.holdsWholeBody: output.appendField("Content-Length", self.keptBody.count)
    case .chunked: output.append("Transfer-Encoding: chunked\r\n")
    }
  }

  func appendRequestID(to output: inout ByteBuffer) {
    let id = self.requestID
    output.append(upTo: 56) { output in
      output.append("X-Kong-Request-Id: ")
      output.append(hex: id.0, width: 16)
      output.append(hex: id.1, width: 16)
      output.append("\r\n")
    }
  }
}
