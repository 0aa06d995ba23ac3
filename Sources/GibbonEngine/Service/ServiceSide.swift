// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonTLS

/// Whom an exchange asks, in terms of messages. The counterpart of `ClientSide`.
enum ServiceSide {
  case none
  case http1(UpstreamConnection)
  case http2(ServiceStream)

  var isPresent: Bool {
    if case .none = self { false } else { true }
  }

  /// nil before a peer was chosen.
  var peer: Peer? {
    switch self {
    case .none: nil
    case .http1(let connection): connection.peer
    case .http2(let stream): stream.peer
    }
  }

  /// What is written leaves by itself.
  var isConnected: Bool {
    switch self {
    case .none: false
    case .http1(let connection): connection.isConnected
    case .http2(let stream): stream.isConnected
    }
  }

  /// The connection served others before, so that it may have gone stale meanwhile.
  var isReused: Bool {
    switch self {
    case .none: false
    case .http1(let connection): connection.isReused
    case .http2(let stream): stream.isReused
    }
  }

  /// The connection while TLS is being agreed upon; nil otherwise.
  var handshaking: TLSSession? {
    switch self {
    case .none: nil
    case .http1(let connection): connection.isHandshaking ? connection.security : nil
    case .http2(let stream): stream.handshaking
    }
  }

  // MARK: The request

  func sendBody(_ bytes: Span<UInt8>, isChunked: Bool, _ loop: EventLoop) {
    switch self {
    case .none: break
    case .http1(let connection):
      guard isChunked else { return connection.write(bytes) }
      var chunk = loop.takeBuffer()
      chunk.appendChunkHeader(count: bytes.count)
      chunk.append(bytes)
      chunk.appendChunkEnd()
      connection.write(chunk.span)
      loop.recycle(chunk)
    case .http2(let stream): stream.sendBody(bytes)
    }
  }

  func sendEnd(isChunked: Bool, _ trailers: TrailerSection, _ loop: EventLoop) {
    switch self {
    case .none: break
    case .http1(let connection):
      guard isChunked else { return }
      var last = loop.takeBuffer()
      last.appendLastChunk(trailers: trailers)
      connection.write(last.span)
      loop.recycle(last)
    case .http2(let stream):
      guard !trailers.isEmpty else { return stream.sendEnd(Span()) }
      var lines = loop.takeBuffer()
      lines.appendFields(of: trailers)
      stream.sendEnd(lines.span)
      loop.recycle(lines)
    }
  }

  /// Whether the service must take something before more is written.
  var isBlocked: Bool {
    switch self {
    case .none: false
    case .http1(let connection): connection.isBlocked
    case .http2(let stream): stream.isBlocked
    }
  }

  var isCorked: Bool {
    switch self {
    case .none: false
    case .http1(let connection): connection.isCorked
    case .http2(let stream): stream.isHeldBack
    }
  }

  func uncork() {
    switch self {
    case .none: break
    case .http1(let connection): connection.uncork()
    case .http2(let stream): stream.isHeldBack = false
    }
  }

  // MARK: The response

  func pauseReading() {
    switch self {
    case .none: break
    case .http1(let connection): connection.pauseReading()
    case .http2(let stream): stream.pauseReading()
    }
  }

  func resumeReading() {
    switch self {
    case .none: break
    case .http1(let connection): connection.resumeReading()
    case .http2(let stream): stream.resumeReading()
    }
  }

  /// The client has ended its side of a tunnel.
  func endTunnelWriting() {
    switch self {
    case .none: break
    case .http1(let connection): connection.shutdownWriting()
    case .http2(let stream): stream.sendEnd(Span())
    }
  }

  // MARK: Time

  func startTimer(_ milliseconds: Int) {
    switch self {
    case .none: break
    case .http1(let connection): connection.setTimeout(milliseconds: milliseconds)
    case .http2(let stream): stream.startTimer(milliseconds)
    }
  }

  func stopTimer() {
    switch self {
    case .none: break
    case .http1(let connection): connection.clearTimeout()
    case .http2(let stream): stream.stopTimer()
    }
  }
}
