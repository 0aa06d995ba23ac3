// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonPluginAPI

/// The one writer of final heads, of what a service answers as of what the gateway does.
extension Exchange {
  /// What the head says of the content's length.
  enum AnnouncedLength {
    /// As the service said, or as the framing has it.
    case ofService
    /// Of an answer made here.
    case known(Int)
    /// Nothing, since there can be no content.
    case nothing
  }

  /// - Parameter ends: nothing follows.
  func writeFinalHead(_ length: AnnouncedLength, ends: Bool) {
    guard self.client.isPresent else { return }
    self.response.isStarted = true
    self.client.cork()
    let bytes = self.response.bytes
    let status = self.response.status
    let isOfService = self.response.source == .service
    let hasReason = isOfService && status == self.response.head.status && self.response.head.version != .http2
    let reason = hasReason ? self.response.head.reason : .empty
    var head = self.client.beginHead(status, reason: bytes[reason], hasReason: hasReason, self.loop)
    self.completeEditedType()
    if isOfService {
      self.appendServiceFields(to: &head.output, bytes)
      if !self.response.head.has(.date) { self.worker.appendDate(to: &head.output) }
    } else {
      if !self.response.repeatsService || !self.hasLocalHeader("Date") { self.worker.appendDate(to: &head.output) }
      self.appendLocalFields(to: &head.output)
    }
    if !self.response.edits.isEmpty { self.response.edits.write(to: &head.output) }
    self.appendLength(length, to: &head.output)
    if self.client.isHTTP1 { self.appendConnection(to: &head.output) }
    let hasServer =
      isOfService ? self.response.head.has(.server) : self.response.repeatsService && self.hasLocalHeader("Server")
    self.appendGatewayHeaders(to: &head.output, hasServer: hasServer)
    head.output.append("\r\n")
    if self.plugins.chain.mayLog {
      self.hasTraces = true
      self.outcome.keepHead(head.output, from: head.start)
    }
    self.client.endHead(status, head, ends: ends, self.loop)
  }

  private func appendLength(_ length: AnnouncedLength, to output: inout ByteBuffer) {
    switch length {
    case .nothing: break
    case .known(let count): output.appendField("Content-Length", count)
    case .ofService: self.appendServiceLength(to: &output)
    }
  }

  private func appendServiceLength(to output: inout ByteBuffer) {
    let status = self.response.status
    switch self.response.framing {
    case .chunked: if self.client.isHTTP1 { output.append("Transfer-Encoding: chunked\r\n") }
    case .close: break
    case .length:
      if case .contentLength(let length) = self.response.body.framing {
        output.appendField("Content-Length", Int(clamping: length))
      } else if self.client.isHTTP1 {
        output.append("Content-Length: 0\r\n")
      }
    case .none where self.response.isBodyDropped:
      if status >= 200, status != 204 { output.append("Content-Length: 0\r\n") }
    case .none:
      // What the length would be, where that may be said (RFC 9110 section 8.6) and is known.
      if status >= 200, status != 204, !self.response.isBodyChanged,
        case .contentLength(let length) = self.response.head.declaredFraming
      {
        output.appendField("Content-Length", Int(clamping: length))
      }
    }
  }

  /// Of HTTP/1. A 426 of the gateway names the protocol to change to in fields of its own.
  private func appendConnection(to output: inout ByteBuffer) {
    let status = self.response.status
    if status == 426, self.response.source != .service { return }
    if status == 101 {
      output.append("Connection: upgrade\r\n")
    } else {
      output.append(self.closesDownstream ? "Connection: close\r\n" : "Connection: keep-alive\r\n")
    }
  }

  private func appendServiceFields(to output: inout ByteBuffer, _ bytes: ByteBuffer) {
    let edits = self.response.edits
    let isEdited = !edits.isEmpty
    let head = self.response.head
    let namesFields = head.connectionNamesFields
    for field in head.fields {
      switch field.known {
      case .other, .xAccelBuffering:
        // Nothing is done by them here: a service cannot send a client elsewhere within the gateway.
        if ResponseHead.isForProxy(field, in: bytes.span) {
          if field.name.count == 16 { self.log(.warn, "upstream sent \"X-Accel-Redirect\", which is not followed") }
          continue
        }
      case .connection, .keepAlive, .transferEncoding, .contentLength, .proxyConnection, .via: continue
      case .upgrade where self.response.status != 101: continue
      case .trailer where !self.received.head.acceptsTrailers: continue
      case .xKongUpstreamLatency, .xKongProxyLatency, .xKongRequestID: continue
      default: break
      }
      let name = bytes[field.name]
      if isEdited, edits.drops(name) { continue }
      if namesFields, HopFields.isNamed(name, in: head.fields, bytes) { continue }
      if field.known == .contentType, TextCharset.isText(bytes[field.value]) {
        output.appendField(name, bytes[field.value], self.charset(for: bytes[field.value]))
      } else {
        output.appendField(name, bytes[field.value])
      }
    }
  }

  // MARK: Of the gateway

  private func appendLocalFields(to output: inout ByteBuffer) {
    for header in self.response.localHeaders where !self.response.edits.drops(Array(header.name.utf8).span) {
      self.appendLocal(header, to: &output)
    }
  }

  private func appendLocal(_ header: (name: String, value: String), to output: inout ByteBuffer) {
    if self.isGatewayManaged(header.name, allowsUpgrade: self.response.status == 426) { return }
    guard header.name.isContentType else {
      return output.appendField(header.name, header.value)
    }
    // There is nothing that it could be the type of.
    if self.response.status == 204 { return }
    output.appendField("Content-Type", header.value, self.charset(for: Array(header.value.utf8).span))
  }

  private func hasLocalHeader(_ name: String) -> Bool {
    self.response.localHeaders.contains { $0.name.isSame(ignoringCase: name) }
  }

  /// Framing and connection fields are the gateway's business.
  private func isGatewayManaged(_ name: String, allowsUpgrade: Bool) -> Bool {
    switch name.asciiLowercased {
    case "content-length", "transfer-encoding", "keep-alive": true
    case "connection": !allowsUpgrade
    default: false
    }
  }
}

extension String {
  var isContentType: Bool {
    self.utf8.count == 12 && Array(self.utf8).span.equalsIgnoringCase("content-type")
  }
}
