// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// One stream, from its first HEADERS until its work has ended here. Small and without references: the table of them is
/// one piece of memory.
struct Stream: Sendable {
  /// 0: the slot is free.
  var id: UInt32 = 0
  var flags: StreamFlags = []
  var receiving = ReceiveWindow(size: 0, now: 0)
  /// What the peer's window for this stream is beyond its SETTINGS_INITIAL_WINDOW_SIZE: so a change of that setting
  /// touches no stream (row 20). Never below −2^31, never above 2^32.
  var sendOffset: Int64 = 0
  /// What `content-length` says, if it does.
  var expectedLength: UInt64?
  var receivedLength: UInt64 = 0
  var interimHeads = 0
}

/// Yes-or-no facts of a stream. Together they are its state (RFC 9113, section 5.1): open without the first three,
/// half-closed with one of the first two, closed with both or the third.
struct StreamFlags: OptionSet, Sendable {
  var rawValue: UInt16

  static var remoteEnded: Self { Self(rawValue: 1) }
  static var localEnded: Self { Self(rawValue: 2) }
  static var isReset: Self { Self(rawValue: 4) }
  /// We reset it, so frames of the peer may still be under way.
  static var isResetByUs: Self { Self(rawValue: 8) }
  /// The request head or the final response head has come.
  static var headReceived: Self { Self(rawValue: 16) }
  /// The final response head has gone, or the request head.
  static var headSent: Self { Self(rawValue: 32) }
  /// Bytes wait for the peer's window.
  static var isBlocked: Self { Self(rawValue: 64) }
  /// A response to HEAD.
  static var answersHead: Self { Self(rawValue: 128) }
  /// No content may come: a response to HEAD, a 204 or a 304.
  static var isWithoutContent: Self { Self(rawValue: 256) }
  /// An event that it was not processed is due.
  static var isUnprocessed: Self { Self(rawValue: 512) }
}

extension Stream {
  /// Whether it takes DATA and HEADERS of the peer.
  var isReceiving: Bool { self.flags.isDisjoint(with: [.remoteEnded, .isReset]) }
  var isSending: Bool { self.flags.isDisjoint(with: [.localEnded, .isReset]) }
  /// Both sides ended it in the ordinary way.
  var isEnded: Bool { self.flags.isSuperset(of: [.remoteEnded, .localEnded]) }

  /// Whether DATA of `count` bytes, the last or not, agrees with `content-length` (RFC 9113, section 8.1.1).
  func takes(_ count: Int, isEnd: Bool) -> Bool {
    if count > 0, self.flags.contains(.isWithoutContent) { return false }
    guard let expected = self.expectedLength, !self.flags.contains(.isWithoutContent) else { return true }
    let total = self.receivedLength &+ UInt64(count)
    return isEnd ? total == expected : total <= expected
  }
}
