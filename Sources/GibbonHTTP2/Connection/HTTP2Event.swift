// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Which end of a connection this is.
@frozen
public enum HTTP2Role: UInt8, Sendable {
  case server, client
}

/// What a peer's bytes mean, one thing at a time. `slot` is a stream's place in the machine, stable until `release`.
@frozen
public enum HTTP2Event: Sendable, Equatable {
  /// All input is used.
  case needMoreData
  /// Server: a new stream. Its head waits for `takeRequestHead`. One beyond a limit may have anything missing and
  /// is answered with 431.
  case requestHead(slot: Int, endStream: Bool, isTooLarge: Bool)
  /// Client: the final response head waits for `takeResponseHead`.
  case responseHead(slot: Int, endStream: Bool)
  /// Client: a 1xx head waits for `takeResponseHead`; the final one follows.
  case interimHead(slot: Int)
  /// Trailers wait for `takeTrailers`. The peer's message ends with them.
  case trailers(slot: Int)
  /// Content: a place in the input of this call, never empty. Comes as it arrives, also in parts of a frame. To be
  /// credited with `consumed`.
  case data(slot: Int, Range<Int>, endStream: Bool)
  /// The peer's message ends without another byte.
  case endStream(slot: Int)
  /// The peer reset the stream, or broke a rule on it (then our RST_STREAM is in the output). No more comes of it,
  /// and `release` is due. After a whole response, NO_ERROR only says that the rest of the request is not wanted.
  case reset(slot: Int, HTTP2ErrorCode)
  /// Client: the peer has not looked at the request, which may be sent again elsewhere, whatever it is. As after
  /// `reset`, `release` is due.
  case unprocessed(slot: Int)
  /// A stream that could not send all goes on.
  case windowOpened(slot: Int)
  /// The same for all streams.
  case connectionWindowOpened
  /// New SETTINGS of the peer hold; windows and limits may have changed, so all that waits tries again.
  case settingsChanged
  /// The peer takes no new streams; those it has not processed follow as `unprocessed`. Others go on.
  case goAway(lastStream: UInt32, HTTP2ErrorCode)
  /// The answer to `ping`.
  case pingAnswered(UInt64)
  /// The peer broke a rule of the connection, which has ended: send what `takeOutput` has, and close. See `failure`.
  case closed(HTTP2ErrorCode)
}

/// Why the machine ended its connection.
public struct HTTP2Failure: Error, Sendable {
  public var code: HTTP2ErrorCode
  /// For the log.
  public var reason: StaticString
}
