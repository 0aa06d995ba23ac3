// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

extension HTTP2Connection {
  /// Streams that can be opened now: what the peer allows, which is taken for 100 until it says so.
  public var availableStreams: Int {
    guard self.role == .client, self.phase != .closed, self.peerLastStream == nil, !self.hasStoppedAccepting,
      self.nextLocal <= FrameHeader.streamMask
    else { return 0 }
    let allowed = self.hasPeerSettings ? Int(self.peer.concurrentStreams) : Self.assumedConcurrency
    return max(0, allowed &- self.streams.count)
  }

  private static let assumedConcurrency = 100

  /// Client: opens a stream with a request's head. `fieldLines` are lines of HTTP/1 without a start line and without
  /// `Host`. nil, and nothing written, when no stream can be opened (see `availableStreams`).
  public mutating func openStream(
    _ line: borrowing HTTP2RequestLine, fieldLines: Span<UInt8>, endStream: Bool, to output: inout ByteBuffer
  ) -> Int? {
    guard self.availableStreams > 0, !line.opensWebSocket || self.peer.takesExtendedConnect else { return nil }
    var stream = Stream()
    stream.id = self.nextLocal
    stream.flags = endStream ? [.headSent, .localEnded] : .headSent
    if line.method.equals("HEAD") { stream.flags.insert(.answersHead) }
    stream.receiving = ReceiveWindow(size: self.initialStreamWindow, now: self.now)
    self.nextLocal &+= 2
    self.scratch.clear()
    self.encoder.beginBlock(to: &self.scratch)
    if line.opensWebSocket {
      self.append(PseudoName.method, PseudoName.connect.span)
      self.append(PseudoName.protocol, PseudoName.websocket.span)
    } else {
      self.append(PseudoName.method, line.method)
    }
    self.append(PseudoName.scheme, line.scheme)
    self.append(PseudoName.authority, line.authority)
    self.append(PseudoName.path, line.path)
    self.encoder.appendFieldLines(fieldLines, to: &self.scratch)
    self.flushBlock(stream.id, endStream: endStream, to: &output)
    return self.streams.open(stream)
  }

  private mutating func append(_ name: [UInt8], _ value: Span<UInt8>) {
    self.encoder.append(name: name.span, value: value, to: &self.scratch)
  }
}

/// Pseudo-header fields of requests, and what extended CONNECT says in them.
private enum PseudoName {
  static let method = Array(":method".utf8)
  static let scheme = Array(":scheme".utf8)
  static let authority = Array(":authority".utf8)
  static let path = Array(":path".utf8)
  static let `protocol` = Array(":protocol".utf8)
  static let connect = Array("CONNECT".utf8)
  static let websocket = Array("websocket".utf8)
}
