// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1
import GibbonHTTP2

/// A connection with what an engine would have beside it: buffers, and a log of what happened as lines of text.
struct Endpoint {
  var connection: HTTP2Connection
  var log: [String] = []
  var bytes = ByteBuffer()
  var request = RequestHead()
  var response = ResponseHead()
  var pending = ByteBuffer()
  var now: UInt64 = 1000
  /// Whether content is credited as it comes.
  var consumes = true
  /// Whether streams are released as soon as they were reset.
  var releases = false

  init(_ role: HTTP2Role = .server, _ limits: HTTP2Limits = HTTP2Limits()) {
    self.connection = HTTP2Connection(role: role, limits: limits, now: self.now)
  }

  /// Takes bytes in that come at once.
  mutating func feed(_ input: [UInt8]) {
    var offset = 0
    while true {
      let event = self.connection.next(input.span, from: &offset, now: self.now)
      if event == .needMoreData { break }
      self.note(event, input)
    }
  }

  mutating func feed(_ wire: Wire) { self.feed(wire.bytes) }

  private mutating func note(_ event: HTTP2Event, _ input: [UInt8]) {
    switch event {
    case .needMoreData: break
    case .requestHead(let slot, let endStream, let isTooLarge): self.noteRequest(slot, endStream, isTooLarge)
    case .responseHead(let slot, let endStream): self.noteResponse(slot, "response", endStream)
    case .interimHead(let slot): self.noteResponse(slot, "interim", false)
    case .trailers(let slot):
      self.connection.takeTrailers(into: &self.bytes)
      let text = self.bytes.string.split(separator: "\r\n").joined(separator: "|")
      self.log.append("trailers \(self.connection.streamID(slot)) \(text)")
    case .data(let slot, let range, let endStream):
      let id = self.connection.streamID(slot)
      let text = String(decoding: input[range], as: UTF8.self)
      if let last = self.log.last, last.hasPrefix("data \(id) ") {
        self.log[self.log.count - 1] = last + text
      } else {
        self.log.append("data \(id) \(text)")
      }
      if endStream { self.log.append("end \(id)") }
      if self.consumes { self.connection.consumed(slot, range.count, now: self.now) }
    case .endStream(let slot): self.log.append("end \(self.connection.streamID(slot))")
    case .reset(let slot, let code):
      self.log.append("reset \(self.connection.streamID(slot)) \(code)")
      if self.releases { self.connection.release(slot) }
    case .unprocessed(let slot): self.log.append("unprocessed \(self.connection.streamID(slot))")
    case .windowOpened(let slot): self.log.append("window \(self.connection.streamID(slot))")
    case .connectionWindowOpened: self.log.append("window")
    case .settingsChanged: self.log.append("settings")
    case .goAway(let last, let code): self.log.append("goaway \(last) \(code)")
    case .pingAnswered(let value): self.log.append("pong \(value)")
    case .closed(let code): self.log.append("closed \(code)")
    }
  }

  private mutating func noteRequest(_ slot: Int, _ endStream: Bool, _ isTooLarge: Bool) {
    let id = self.connection.streamID(slot)
    self.connection.takeRequestHead(into: &self.bytes, &self.request)
    if isTooLarge { return self.log.append("too large \(id)") }
    let (head, bytes) = (self.request, self.bytes)
    var line = "request \(id) \(bytes.string(head.methodName)) \(bytes.string(head.target))"
    line += " host \(bytes.string(head.hostName)) \(head.framing)"
    for field in head.fields where field.known != .host {
      line += " \(bytes.string(field.name))=\(bytes.string(field.value))"
    }
    self.log.append(line)
    if endStream { self.log.append("end \(id)") }
  }

  private mutating func noteResponse(_ slot: Int, _ kind: String, _ endStream: Bool) {
    let id = self.connection.streamID(slot)
    self.connection.takeResponseHead(into: &self.bytes, &self.response)
    var line = "\(kind) \(id) \(self.response.status)"
    for field in self.response.fields {
      line += " \(self.bytes.string(field.name))=\(self.bytes.string(field.value))"
    }
    self.log.append(line)
    if endStream { self.log.append("end \(id)") }
  }

  /// What the machine has to send, and what was written, as lines of text.
  mutating func sent() -> [String] {
    var output = ByteBuffer()
    swap(&output, &self.pending)
    self.connection.takeOutput(into: &output)
    return FrameText.lines(output.takeBytes())
  }

  /// The slot of a stream by its id.
  func slot(_ id: UInt32) -> Int { (0..<1000).first { self.connection.streamID($0) == id } ?? -1 }
}

extension Endpoint {
  /// Client: opens a stream. Its slot.
  @discardableResult
  mutating func open(_ method: String = "GET", _ fields: String = "", end: Bool = true) -> Int? {
    let (method, scheme, authority) = (Array(method.utf8), Array("http".utf8), Array("a.test".utf8))
    let (path, fields) = (Array("/".utf8), Array(fields.utf8))
    let line = HTTP2RequestLine(
      method: method.span, scheme: scheme.span, authority: authority.span, path: path.span)
    return self.connection.openStream(line, fieldLines: fields.span, endStream: end, to: &self.pending)
  }

  /// Server: writes a head.
  mutating func respond(_ slot: Int, _ status: UInt16 = 200, _ fields: String = "", end: Bool = false) {
    let fields = Array(fields.utf8)
    self.connection.writeResponseHead(
      slot, status: status, fieldLines: fields.span, endStream: end, to: &self.pending)
  }

  /// Writes content. How much of it went.
  @discardableResult
  mutating func write(_ slot: Int, _ content: [UInt8], end: Bool = false) -> Int {
    self.connection.writeData(slot, content.span, endStream: end, to: &self.pending)
  }

  mutating func write(_ slot: Int, trailers: String) {
    let lines = Array(trailers.utf8)
    self.connection.writeTrailers(slot, fieldLines: lines.span, to: &self.pending)
  }

  /// All bytes that wait to be sent.
  mutating func takeBytes() -> [UInt8] {
    self.connection.takeOutput(into: &self.pending)
    return self.pending.takeBytes()
  }
}
