// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
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
      var normal = ByteBuffer()
      PathNormalizer.normalize(Array(path.utf8).span, into: &normal)
      PathNormalizer.escape(normal.span, into: &output)
    } else if self.normalizedPath.isEmpty {
      self.appendPath(to: &output, base: base.span, request: bytes[self.head.path], isEscaped: true)
    } else {
      let normal = self.normalizedPath
      self.appendPath(to: &output, base: base.span, request: normal.span, isEscaped: false)
    }
    if let query = self.upstreamQuery {
      if query.isEmpty { return }
      output.append(UInt8(ascii: "?"))
      for byte in query.utf8 { output.append(byte <= 0x20 || byte == 0x7F ? UInt8(ascii: "+") : byte) }
    } else if let query = self.head.query {
      output.append(UInt8(ascii: "?"))
      output.append(bytes[query])
    }
  }

  /// The service's path and what is left of the request's, joined by the rules of `path_handling` v0.
  private func appendPath(
    to output: inout ByteBuffer, base: Span<UInt8>, request: Span<UInt8>, isEscaped: Bool
  ) {
    let slash = UInt8(ascii: "/")
    let baseEndsWithSlash = base.count > 0 && base[base.count - 1] == slash
    let strips = self.route?.stripPath == true
    let stripped = strips ? min(Int(self.matchedPrefix.count), request.count) : 0
    let rest = Exchange.withoutLeadingDots(request, from: stripped)
    let restStartsWithSlash = rest < request.count && request[rest] == slash
    let requestEndsWithSlash = request.count > 0 && request[request.count - 1] == slash
    if strips, rest == request.count {
      if baseEndsWithSlash, base.count > 1, !requestEndsWithSlash {
        output.append(base.extracting(droppingLast: 1))
      } else {
        output.append(base)
        if !baseEndsWithSlash, request.count > 1, requestEndsWithSlash { output.append(slash) }
      }
      return
    }
    if !strips, !baseEndsWithSlash, request.count == 1, restStartsWithSlash { return output.append(base) }
    output.append(baseEndsWithSlash && restStartsWithSlash ? base.extracting(droppingLast: 1) : base)
    if !baseEndsWithSlash, !restStartsWithSlash { output.append(slash) }
    let tail = request.extracting(droppingFirst: rest)
    if isEscaped { output.append(tail) } else { PathNormalizer.escape(tail, into: &output) }
  }

  /// Where the rest begins once `./`, `../` or a lone `.` or `..` is skipped, which stripping can bring up.
  private static func withoutLeadingDots(_ path: Span<UInt8>, from start: Int) -> Int {
    var end = start
    while end < path.count, end < start + 2, path[end] == UInt8(ascii: ".") { end += 1 }
    guard end > start else { return start }
    if end == path.count { return end }
    return path[end] == UInt8(ascii: "/") ? end + 1 : start
  }

  // MARK: Fields

  private func appendHost(to output: inout ByteBuffer, _ service: ServiceRuntime, _ bytes: ByteBuffer) {
    if !self.upstreamEdits.isEmpty, self.upstreamEdits.drops("host".utf8.span) { return }
    if self.route?.preserveHost == true, !self.head.authority.isEmpty {
      output.appendField("Host", bytes[self.head.authority])
    } else {
      let host = service.hostHeader ?? self.endpointHost
      output.appendField("Host", host.span)
    }
  }

  private func appendHopFields(to output: inout ByteBuffer, _ bytes: ByteBuffer) {
    if self.head.upgradesToWebSocket {
      output.append("Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n")
    } else {
      output.append("Connection: keep-alive\r\n")
    }
    if self.head.acceptsTrailers { output.append("TE: trailers\r\n") }
  }

  private func appendClientFields(to output: inout ByteBuffer, _ bytes: ByteBuffer) {
    let isEdited = !self.upstreamEdits.isEmpty
    let namesFields = self.head.connectionNamesFields
    for field in self.head.fields {
      if field.known != .other, self.isManaged(field.known) { continue }
      let name = bytes[field.name]
      if isEdited, self.upstreamEdits.drops(name) { continue }
      if namesFields, self.isNamedByConnection(name, bytes) { continue }
      output.appendField(name, bytes[field.value])
    }
  }

  /// Fields of one hop, and those the gateway writes itself.
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
