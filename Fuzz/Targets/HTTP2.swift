// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1
import GibbonHTTP2

/// Limits small enough for a fuzzer to reach.
let limits: HTTP2Limits = {
  var limits = HTTP2Limits()
  limits.concurrentStreams = 4
  limits.headerBlockBytes = 256
  limits.continuationFrames = 4
  limits.fieldCount = 8
  limits.listBytes = 512
  limits.queuedFrames = 16
  limits.peerResets = HTTP2Budget(burst: 8, perSecond: 1)
  limits.ownResets = HTTP2Budget(burst: 8, perSecond: 1)
  limits.emptyFrames = HTTP2Budget(burst: 8, perSecond: 1)
  limits.controlFrames = HTTP2Budget(burst: 16, perSecond: 1)
  limits.overheadBytes = HTTP2Budget(burst: 2048, perSecond: 1)
  limits.takesExtendedConnect = true
  return limits
}()

/// A connection of either role (by the first byte) gets the rest: whole and byte by byte must mean the same, every
/// place must lie in its input, and what waits stays bounded.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTP2(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  guard let first = bytes.first else { return 0 }
  let role: HTTP2Role = first & 1 == 0 ? .server : .client
  // Beyond the preface, which a fuzzer would hardly find.
  let preface = first & 2 == 0 && role == .server ? Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) : []
  let input = preface + bytes.dropFirst()
  var whole = Reader(role, consumes: first & 4 == 0, releases: first & 8 == 0)
  whole.read(input)
  var pieces = Reader(role, consumes: first & 4 == 0, releases: first & 8 == 0)
  for byte in input { pieces.read([byte]) }
  guard whole.log == pieces.log else { fatalError("whole \(whole.log), byte by byte \(pieces.log)") }
  return 0
}

/// A connection and what it said.
struct Reader {
  var connection: HTTP2Connection
  var log: [String] = []
  var bytes = ByteBuffer()
  var request = RequestHead()
  var response = ResponseHead()
  let consumes: Bool
  let releases: Bool

  init(_ role: HTTP2Role, consumes: Bool, releases: Bool) {
    self.connection = HTTP2Connection(role: role, limits: limits, now: 0)
    self.consumes = consumes
    self.releases = releases
    guard role == .client else { return }
    let text = Array("GET".utf8)
    for _ in 0..<2 {
      let line = HTTP2RequestLine(method: text.span, scheme: text.span, authority: text.span, path: text.span)
      _ = self.connection.openStream(line, fieldLines: [UInt8]().span, endStream: true, to: &self.bytes)
    }
  }

  mutating func read(_ input: [UInt8]) {
    var offset = 0
    while true {
      let event = self.connection.next(input.span, from: &offset, now: 0)
      guard offset <= input.count else { fatalError("beyond the input") }
      if event == .needMoreData { break }
      self.note(event, input)
      guard self.connection.streamCount <= 4 else { fatalError("more streams than allowed") }
    }
    guard offset == input.count else { fatalError("input was left") }
  }

  private mutating func note(_ event: HTTP2Event, _ input: [UInt8]) {
    switch event {
    case .data(let slot, let range, let endStream):
      guard !range.isEmpty, range.upperBound <= input.count else { fatalError("a place outside of the input") }
      let name = "data \(slot):"
      let text = input[range].map { String($0, radix: 16) }.joined(separator: " ")
      if let last = self.log.last, last.hasPrefix(name) {
        self.log[self.log.count - 1] = "\(last) \(text)"
      } else {
        self.log.append("\(name) \(text)")
      }
      if endStream { self.log.append("\(HTTP2Event.endStream(slot: slot))") }
      if self.consumes { self.connection.consumed(slot, range.count, now: 0) }
    case .requestHead(_, _, let isTooLarge):
      self.connection.takeRequestHead(into: &self.bytes, &self.request)
      self.log.append("\(event) \(self.request)")
      if !isTooLarge { check(self.request, in: self.bytes) }
    case .responseHead, .interimHead:
      self.connection.takeResponseHead(into: &self.bytes, &self.response)
      self.log.append("\(event) \(self.response)")
    case .trailers:
      self.connection.takeTrailers(into: &self.bytes)
      self.log.append("\(event) \(self.bytes.string)")
    case .reset(let slot, _), .unprocessed(let slot):
      self.log.append("\(event)")
      if self.releases { self.connection.release(slot) }
    default: self.log.append("\(event)")
    }
  }
}

/// What HTTP/1 could not take on may not have got through.
private func check(_ head: RequestHead, in bytes: ByteBuffer) {
  var places = [head.methodName, head.target, head.scheme, head.path, head.authority, head.hostName]
  if let query = head.query { places.append(query) }
  for field in head.fields { places += [field.name, field.value] }
  for place in places where place.upperBound > bytes.count { fatalError("a place outside of the head") }
  for field in head.fields {
    let (name, value) = (bytes[field.name].array, bytes[field.value].array)
    if name.isEmpty || name.contains(where: { $0 <= 0x20 || $0 >= 0x7F || $0 == 0x3A }) { fatalError("a bad name") }
    if name.contains(where: { $0 >= 0x41 && $0 <= 0x5A }) { fatalError("a name in upper case") }
    if value.contains(where: { ($0 < 0x20 && $0 != 9) || $0 == 0x7F }) { fatalError("a bad byte in a value") }
    switch field.known {
    case .connection, .transferEncoding, .upgrade, .keepAlive, .proxyConnection: fatalError("a field of connections")
    default: break
    }
  }
  if bytes[head.target].array.contains(where: { $0 <= 0x20 || $0 == 0x7F }) { fatalError("a bad byte in a target") }
  guard !head.authority.isEmpty, head.fields.contains(where: { $0.known == .host }) else { fatalError("no host") }
}
