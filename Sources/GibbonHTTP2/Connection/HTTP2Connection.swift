// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1

/// One connection of HTTP/2 (RFC 9113), either end of it, without a socket and without a clock.
///
/// Whoever has the socket feeds `next` until it wants more data, uses what it says, and sends what `takeOutput` has at
/// the end of each turn. What is written for a stream (`writeResponseHead`, `writeData` …) goes to a buffer of the
/// caller's. Every stream that came up or was opened needs one `release`, on every path: until then it counts.
///
/// Holds no content: only header blocks and control frames, both bounded by `limits`.
public struct HTTP2Connection: Sendable {
  public let role: HTTP2Role
  public let limits: HTTP2Limits
  /// Set once `closed` was reported.
  public internal(set) var failure: HTTP2Failure?

  var phase: InputPhase
  var now: UInt64
  var budgets: Budgets
  /// A frame header or a payload that did not come at once.
  var partial = ByteBuffer()

  // Header blocks.
  var decoder: HPACKDecoder
  var encoder = HPACKEncoder(tableLimit: 4096)
  var block: BlockProgress?
  var blockBytes = ByteBuffer()
  /// A section as decoded: the bytes and the places of its fields.
  var sectionBytes = ByteBuffer()
  var sectionFields: [HeaderField] = []
  var request = RequestHead()
  var response = ResponseHead()
  var trailers = ByteBuffer()
  /// For what is put together before it is written.
  var scratch = ByteBuffer()

  // Streams.
  var streams = StreamTable()
  var closed = ClosedStreams()
  /// The highest stream the peer opened, and of those the highest that was taken up.
  var highestRemote: UInt32 = 0
  var highestTaken: UInt32 = 0
  /// The next stream that we open.
  var nextLocal: UInt32 = 1

  // Settings and windows.
  var peer = PeerSettings()
  var hasPeerSettings = false
  var receiving: ReceiveWindow
  /// What we may still send on all streams together.
  var connectionSendWindow: Int64 = 65_535
  var isSendBlocked = false
  /// The largest `sendOffset` there has been.
  var largestSendOffset: Int64 = 0

  // Ends.
  var hasStoppedAccepting = false
  /// The last stream that the peer's GOAWAY names.
  var peerLastStream: UInt32?
  /// The slot from which on streams are looked for that are due to be reported as not processed.
  var sweep: Int?

  // Output.
  var output = ByteBuffer()
  var queuedFrames = 0

  /// Begins a connection. The preface and SETTINGS are in the output.
  public init(role: HTTP2Role, limits: HTTP2Limits = HTTP2Limits(), now: UInt64) {
    self.role = role
    self.limits = limits
    self.now = now
    self.phase = role == .server ? .preface(0) : .frameHeader
    self.budgets = Budgets(limits, now: now)
    self.decoder = HPACKDecoder(tableLimit: max(limits.headerTableBytes, 4096))
    self.receiving = ReceiveWindow(size: min(max(limits.connectionWindowBytes, 65_535), Int(Int32.max)), now: now)
    self.writePreface()
  }
}

extension HTTP2Connection {
  /// Streams whose work has not ended.
  public var streamCount: Int { self.streams.count }

  /// The id of a stream, for the log; 0 when the slot is free.
  public func streamID(_ slot: Int) -> UInt32 { self.streams[slot].id }

  /// Whether the stream takes what is written: it is neither ended on our side nor reset.
  public func isSending(_ slot: Int) -> Bool { self.streams.isOpen(slot) && self.streams[slot].isSending }

  /// Whether the peer may send more on the stream.
  public func isReceiving(_ slot: Int) -> Bool { self.streams.isOpen(slot) && self.streams[slot].isReceiving }

  /// A header block has begun and not ended: a deadline should run (row 14).
  public var isReadingHeaders: Bool {
    if self.block != nil { return true }
    if case .payload(let header) = self.phase { return header.kind == .headers }
    return false
  }

  /// Some bytes of a frame came and others did not.
  public var isAmidFrame: Bool { self.phase != .frameHeader || !self.partial.isEmpty || self.block != nil }

  /// Whether the peer's first SETTINGS came.
  public var isEstablished: Bool { self.hasPeerSettings }

  /// The largest head that the peer says it takes, in the terms of RFC 9113, section 6.5.2.
  public var peerListBytes: UInt32 { self.peer.listBytes }

  /// The peer takes extended CONNECT (RFC 8441).
  public var peerTakesExtendedConnect: Bool { self.peer.takesExtendedConnect }

  /// The peer sent GOAWAY: no stream can be opened.
  public var peerIsGoingAway: Bool { self.peerLastStream != nil }

  /// Gives memory back while nothing is under way; for connections that idle.
  public mutating func trimMemory() {
    guard self.streams.count == 0, !self.isAmidFrame else { return }
    self.streams.trim()
    self.partial = ByteBuffer()
    self.blockBytes = ByteBuffer()
    self.sectionBytes = ByteBuffer()
    self.sectionFields = []
    self.request = RequestHead()
    self.response = ResponseHead()
    self.trailers = ByteBuffer()
    self.scratch = ByteBuffer()
    if self.output.isEmpty { self.output = ByteBuffer() }
  }
}
