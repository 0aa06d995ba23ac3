// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonHTTP1

extension HTTP2Connection {
  /// Gives the head of `requestHead` away, with the bytes its places count in, and takes the buffers back that the
  /// caller had before. To be called before the next `next`.
  public mutating func takeRequestHead(into bytes: inout ByteBuffer, _ head: inout RequestHead) {
    swap(&bytes, &self.sectionBytes)
    swap(&head, &self.request)
    self.sectionBytes.clear()
    self.request.reset()
  }

  /// A new stream. A malformed request is a stream error (RFC 9113, section 8.1.1).
  mutating func takeRequest(_ block: BlockProgress, _ section: DecodedSection) -> HTTP2Event? {
    var facts = SectionFacts()
    let isWellFormed = self.assembleRequest(&facts, endStream: block.endStream) || section.isTooLarge
    guard isWellFormed, !section.isMalformed else { return self.failStream(block.stream, nil, .protocolError) }
    var stream = Stream()
    stream.id = block.stream
    stream.flags = block.endStream ? [.headReceived, .remoteEnded] : .headReceived
    stream.receiving = ReceiveWindow(size: self.initialStreamWindow, now: self.now)
    if !section.isTooLarge { stream.expectedLength = facts.contentLength }
    let slot = self.streams.open(stream)
    return .requestHead(slot: slot, endStream: block.endStream, isTooLarge: section.isTooLarge)
  }

  /// Makes a head of the section, under the rules of HTTP/1 as far as they are the same. False if it is malformed.
  private mutating func assembleRequest(_ facts: inout SectionFacts, endStream: Bool) -> Bool {
    self.request.reset()
    self.request.version = .http2
    self.request.isPersistent = true
    guard let pseudo = PseudoFields.read(self.sectionFields, in: self.sectionBytes), pseudo.status == nil,
      let method = pseudo.method
    else { return false }
    for index in pseudo.count..<self.sectionFields.count {
      guard facts.note(self.sectionFields[index], in: self.sectionBytes) else { return false }
    }
    guard self.takeTarget(pseudo, method: method), self.takeHost(pseudo, facts) else { return false }
    self.appendFields(from: pseudo.count, facts)
    self.request.flags.formUnion(facts.flags)
    if endStream {
      return facts.contentLength ?? 0 == 0
    }
    if self.request.isExtendedConnect { return facts.contentLength == nil }
    self.request.framing = facts.contentLength.map { .contentLength($0) } ?? .chunked
    return true
  }

  /// The request line (RFC 9113, section 8.3.1), which is written as text: for the log, and because an extended CONNECT
  /// is shown as the GET it stands for (RFC 8441, section 5).
  private mutating func takeTarget(_ pseudo: PseudoFields, method: ByteRange) -> Bool {
    let isConnect = self.sectionBytes[method].equals("CONNECT")
    var target = pseudo.path
    if isConnect, pseudo.protocolName == nil {
      guard pseudo.scheme == nil, pseudo.path == nil else { return false }
      target = pseudo.authority
    } else {
      guard let scheme = pseudo.scheme, self.isWeb(scheme), self.hasPathForm(pseudo.path, method) else { return false }
      guard self.takeProtocol(pseudo, isConnect: isConnect) else { return false }
      self.request.scheme = scheme
    }
    guard let target else { return false }
    self.scratch.clear()
    if self.request.isExtendedConnect {
      self.scratch.append("GET")
    } else {
      self.scratch.append(method, of: self.sectionBytes)
    }
    let methodCount = self.scratch.count
    self.scratch.append(UInt8.space)
    self.scratch.append(target, of: self.sectionBytes)
    let line = self.appendScratch()
    let name = ByteRange(offset: line.lowerBound, count: methodCount)
    let rest = ByteRange(line.lowerBound &+ methodCount &+ 1..<line.upperBound)
    return self.request.takes(method: name, target: rest, of: self.sectionBytes)
  }

  private func isWeb(_ scheme: ByteRange) -> Bool {
    let text = self.sectionBytes[scheme]
    return text.equalsIgnoringCase("https") || text.equalsIgnoringCase("http")
  }

  /// A path is no whole URI, which HTTP/1 would take; `*` is judged with the method.
  private func hasPathForm(_ path: ByteRange?, _ method: ByteRange) -> Bool {
    guard let path, !path.isEmpty else { return false }
    let first = self.sectionBytes[path][0]
    return first == UInt8(ascii: "/") || (first == UInt8(ascii: "*") && path.count == 1)
  }

  /// `:protocol` (RFC 8441, section 4).
  private mutating func takeProtocol(_ pseudo: PseudoFields, isConnect: Bool) -> Bool {
    guard let name = pseudo.protocolName else { return true }
    guard isConnect, self.limits.takesExtendedConnect, pseudo.authority != nil else { return false }
    self.request.flags.formUnion([.isExtendedConnect, .connectionHasUpgrade])
    if self.sectionBytes[name].equalsIgnoringCase("websocket") { self.request.flags.insert(.upgradeNamesWebSocket) }
    return true
  }

  /// `:authority`, or `Host` where there is none. Both must say the same (row 19; RFC 9113, section 8.3.1).
  private mutating func takeHost(_ pseudo: PseudoFields, _ facts: SectionFacts) -> Bool {
    guard let authority = pseudo.authority ?? facts.host else { return false }
    if let host = facts.host, pseudo.authority != nil {
      guard self.sectionBytes[host].equalsIgnoringCase(self.sectionBytes[authority]) else { return false }
    }
    return self.request.takes(authority: authority, of: self.sectionBytes)
  }

  /// The ordinary fields; `Host` first, as every request of HTTP/1.1 has it, where only `:authority` came.
  private mutating func appendFields(from start: Int, _ facts: SectionFacts) {
    if facts.host == nil {
      self.scratch.clear()
      self.scratch.append("host")
      let name = self.appendScratch()
      self.request.append(HeaderField(name: name, value: self.request.authority, known: .host))
    }
    let cookie = facts.cookies > 1 ? self.joinCookies() : nil
    var hasCookie = false
    for index in start..<self.sectionFields.count {
      var field = self.sectionFields[index]
      if field.known == .cookie, let cookie {
        if hasCookie { continue }
        hasCookie = true
        field.value = cookie
      }
      self.request.append(field)
    }
  }
}

extension RequestHead {
  fileprivate mutating func takes(method: ByteRange, target: ByteRange, of bytes: ByteBuffer) -> Bool {
    self.take(method: method, target: target, in: bytes.span) == nil
  }

  fileprivate mutating func takes(authority: ByteRange, of bytes: ByteBuffer) -> Bool {
    self.take(authority: authority, in: bytes.span) == nil
  }
}
