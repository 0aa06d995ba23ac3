// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What is left of the limits that are budgets.
struct Budgets: Sendable {
  var peerResets: TokenBucket
  var ownResets: TokenBucket
  var controlFrames: TokenBucket
  var emptyFrames: TokenBucket
  var overheadBytes: TokenBucket

  init(_ limits: HTTP2Limits, now: UInt64) {
    self.peerResets = TokenBucket(limits.peerResets, now: now)
    self.ownResets = TokenBucket(limits.ownResets, now: now)
    self.controlFrames = TokenBucket(limits.controlFrames, now: now)
    self.emptyFrames = TokenBucket(limits.emptyFrames, now: now)
    self.overheadBytes = TokenBucket(limits.overheadBytes, now: now)
  }

  /// Bytes of overhead that one useful byte makes up for.
  static let overheadPerUsefulByte = 8

  mutating func noteUseful(_ bytes: Int) {
    self.overheadBytes.add(min(bytes, 1 << 30) &* Self.overheadPerUsefulByte)
  }
}
