// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What one connection may cost, in both roles. "Row" is the row of the list of attacks in `docs/http2.md`.
///
/// Exceeding a budget ends the connection with ENHANCE_YOUR_CALM; `HTTP2Connection.failure` names the limit.
public struct HTTP2Limits: Sendable, Equatable {
  // MARK: Streams

  /// Streams the peer may have open at once, those counted whose work has not ended (rows 12 and 13). More are refused
  /// with REFUSED_STREAM. nginx's default.
  public var concurrentStreams = 128
  /// Streams the peer reset (row 12). nghttp2's figures.
  public var peerResets = HTTP2Budget(burst: 1000, perSecond: 33)
  /// Streams that we had to reset for what the peer sent (rows 4 and 15), refused ones included.
  public var ownResets = HTTP2Budget(burst: 256, perSecond: 16)
  /// Interim heads before one response (row 21). More end the stream.
  public var interimHeads = 16

  // MARK: Heads

  /// Compressed bytes of one header block, CONTINUATION included (rows 10 and 14). Larger ones end the connection:
  /// nobody decodes them.
  public var headerBlockBytes = 65_536
  /// CONTINUATION frames of one header block (row 14).
  public var continuationFrames = 16
  /// Fields of one head or trailer section, each crumb of a cookie counted (row 16). More are answered with 431.
  public var fieldCount = 512
  /// Bytes of one head or trailer section, decoded, with 32 for each field (RFC 9113, section 6.5.2; rows 6, 9 and 16).
  /// The peer is told. More are answered with 431.
  public var listBytes = 65_536
  /// Our dynamic table for what the peer sends (row 9); at least the 4,096 that a peer may use unasked.
  public var headerTableBytes = 4096

  // MARK: Frames

  /// The longest payload of a frame that we take; from 16,384 to 16,777,215.
  public var frameBytes = 16_384
  /// The longest payload of a DATA frame that we send, where the peer takes it.
  public var outgoingFrameBytes = 16_384
  /// PING, SETTINGS, PRIORITY, GOAWAY, frames of unknown types and those that are dropped because we reset their stream
  /// (rows 2, 3 and 5).
  public var controlFrames = HTTP2Budget(burst: 2000, perSecond: 500)
  /// Frames of our own that wait because nobody reads them (rows 2, 4, 5 and 7).
  public var queuedFrames = 1000
  /// Parameters of one SETTINGS frame (row 5).
  public var settingsEntries = 32
  /// DATA frames without content that end nothing, and empty CONTINUATION frames (row 8).
  public var emptyFrames = HTTP2Budget(burst: 200, perSecond: 20)
  /// Bytes of frame headers, padding, window updates and discarded DATA, beyond eight for each useful byte received or
  /// sent (rows 1, 8 and 22).
  public var overheadBytes = HTTP2Budget(burst: 1_048_576, perSecond: 65_536)

  // MARK: Windows

  /// What a stream may send before we have used any of it; at least the 65,535 that a peer may use unasked.
  public var streamWindowBytes = 262_144
  /// What a stream's window may grow to.
  public var largestStreamWindowBytes = 1_048_576
  /// A window used up and credited within this time is doubled.
  public var windowGrowthMilliseconds: UInt64 = 500
  /// What all streams together may send before we have used any of it: the most memory that unread bodies can take
  /// (row 22); at least 65,535.
  public var connectionWindowBytes = 1_048_576

  // MARK: What is on

  /// Server: extended CONNECT is offered (RFC 8441).
  public var takesExtendedConnect = false

  public init() {}

  /// For a connection to a service, which opens no streams towards us.
  public static let client: HTTP2Limits = {
    var limits = HTTP2Limits()
    limits.connectionWindowBytes = 4_194_304
    return limits
  }()
}
