// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonPluginAPI

/// What the gateway tells services of the client, and what it believes of what proxies before it say.
extension Exchange {
  func appendForwardedFields(to output: inout ByteBuffer, _ bytes: ByteBuffer) {
    self.appendForwardedFor(to: &output, bytes)
    if !self.appendTrusted("X-Forwarded-Proto", .xForwardedProto, to: &output, bytes) {
      output.append(self.received.scheme == .https ? "X-Forwarded-Proto: https\r\n" : "X-Forwarded-Proto: http\r\n")
    }
    if !self.appendTrusted("X-Forwarded-Host", .xForwardedHost, to: &output, bytes) {
      let host = bytes[self.received.head.hostName]
      output.append(upTo: host.count + 20) { output in
        output.append("X-Forwarded-Host: ")
        for index in host.indices { output.append(host[index].asciiLowercased) }
        output.append("\r\n")
      }
    }
    if !self.appendTrusted("X-Forwarded-Port", .xForwardedPort, to: &output, bytes) {
      output.appendField("X-Forwarded-Port", Int(self.received.publicPort))
    }
    if !self.appendTrusted("X-Forwarded-Path", .xForwardedPath, to: &output, bytes) {
      if self.received.head.path.isEmpty {
        output.append("X-Forwarded-Path: /\r\n")
      } else if self.received.head.targetHasHighBytes {
        output.append("X-Forwarded-Path: ")
        PathNormalizer.escapeHighBytes(bytes[self.received.head.path], into: &output)
        output.append("\r\n")
      } else {
        output.appendField("X-Forwarded-Path", bytes[self.received.head.path])
      }
    }
    self.appendForwardedPrefix(to: &output, bytes)
    if let client = self.received.clientAddress {
      output.append(upTo: 16 + IPAddress.textLimit) { output in
        output.append("X-Real-IP: ")
        client.append(to: &output)
        output.append("\r\n")
      }
    }
    self.appendVia(to: &output, bytes)
    if self.worker.headerSettings.upstreamRequestID { self.appendRequestID(to: &output) }
  }

  /// A field of the client's, passed on because its peer is trusted. Whether there was one.
  private func appendTrusted(
    _ name: StaticString, _ known: KnownField, to output: inout ByteBuffer, _ bytes: ByteBuffer
  ) -> Bool {
    guard self.received.isPeerTrusted, let field = self.received.head.first(known), !field.value.isEmpty else {
      return false
    }
    output.appendField(name, bytes[field.value])
    return true
  }

  /// Everything the client said of it, then the peer itself, trusted or not; the client's address when
  /// nothing was said.
  private func appendForwardedFor(to output: inout ByteBuffer, _ bytes: ByteBuffer) {
    output.append("X-Forwarded-For: ")
    var last = self.received.clientAddress
    if self.received.head.has(.xForwardedFor) {
      last = self.received.peer
      for field in self.received.head.fields where field.known == .xForwardedFor && !field.value.isEmpty {
        output.append(bytes[field.value])
        output.append(", ")
      }
    }
    output.append(upTo: 8 + IPAddress.textLimit) { output in
      if let last { last.append(to: &output) } else { output.append("unix:") }
      output.append("\r\n")
    }
  }

  /// The part of the path that `strip_path` removed.
  private func appendForwardedPrefix(to output: inout ByteBuffer, _ bytes: ByteBuffer) {
    if self.appendTrusted("X-Forwarded-Prefix", .xForwardedPrefix, to: &output, bytes) { return }
    let prefix = self.sending.matchedPrefix
    guard self.route?.stripPath == true, prefix.count > 1 else { return }
    output.append("X-Forwarded-Prefix: ")
    if self.received.normalizedPath.isEmpty {
      output.append(bytes[ByteRange(offset: self.received.head.path.lowerBound, count: Int(prefix.count))])
    } else {
      let normal = self.received.normalizedPath
      PathNormalizer.escape(normal[prefix], into: &output)
    }
    output.append("\r\n")
  }

  private func appendVia(to output: inout ByteBuffer, _ bytes: ByteBuffer) {
    let own = WireName.via(self.received.head.version)
    guard self.received.head.has(.via) else { return output.appendField("Via", own) }
    output.append("Via: ")
    for field in self.received.head.fields where field.known == .via && !field.value.isEmpty {
      output.append(bytes[field.value])
      output.append(", ")
    }
    output.append(own)
    output.append("\r\n")
  }

  // MARK: What is believed

  /// The scheme the client used, as far as a trusted proxy knows.
  var forwardedScheme: String {
    let own = self.received.scheme.rawValue
    guard self.received.isPeerTrusted, let field = self.received.head.first(.xForwardedProto) else { return own }
    let bytes = self.received.bytes
    return bytes[field.value].lowercasedText
  }

  var forwardedHost: String {
    let bytes = self.received.bytes
    guard self.received.isPeerTrusted, let field = self.received.head.first(.xForwardedHost) else {
      return bytes[self.received.head.hostName].lowercasedText
    }
    return bytes[field.value].lowercasedText
  }

  /// Addresses of a list that are looked at, from its end: more proxies than that before one gateway are none.
  private static let addressLimit = 256

  /// The client's address from a trusted peer's `real_ip_header` (nginx's realip module).
  func applyRealIP(_ settings: RealIPSettings) {
    let bytes = self.received.bytes
    switch settings.source {
    // Taken over when the connection began.
    case .proxyProtocol: return
    case .field(let name):
      let found = self.received.locateHeader(Array(name.utf8))
      if found.count > 0 { self.setClient(bytes[found.value]) }
    case .xForwardedFor:
      var left = Exchange.addressLimit
      for field in self.received.head.fields.reversed() where field.known == .xForwardedFor {
        var end = field.value.upperBound
        while end > field.value.lowerBound {
          var start = end
          while start > field.value.lowerBound, bytes.span[start - 1] != UInt8(ascii: ",") { start -= 1 }
          let address = bytes.span.extracting(start..<end)
          end = start - 1
          guard !address.isBlank else { continue }
          left -= 1
          guard left > 0, self.setClient(address), settings.isRecursive, settings.trusts(self.received.clientAddress)
          else {
            return
          }
        }
      }
    }
  }

  /// `address` or `address:port`; anything else changes nothing.
  @discardableResult
  private func setClient(_ value: Span<UInt8>) -> Bool {
    guard let endpoint = AddressText.endpoint(value) else { return false }
    self.received.clientAddress = endpoint.address
    self.received.clientPort = endpoint.port
    return true
  }
}
