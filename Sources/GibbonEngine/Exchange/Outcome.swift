// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// What became of a request, for headers and logs. Times are the loop's milliseconds.
final class Outcome {
  /// Until the latest try began.
  var proxyLatency: UInt64 = 0
  /// From then on, until the service's head was there.
  var upstreamLatency: UInt64 = 0
  /// When the head of the response was known, and when the service's response was wholly read.
  var answeredAt: UInt64 = 0
  var receivedAt: UInt64 = 0
  var sentBodyBytes: UInt64 = 0
  /// What the connection had sent before.
  var sentBefore: UInt64 = 0
  /// The head of the response as it was sent. Kept where a plugin logs.
  private(set) var sentHead = ByteBuffer()

  var isSmall: Bool { self.sentHead.capacity <= 16 * 1024 }

  func reset() {
    self.proxyLatency = 0
    self.upstreamLatency = 0
    self.answeredAt = 0
    self.receivedAt = 0
    self.sentBodyBytes = 0
  }

  func resetTraces() {
    guard !self.sentHead.isEmpty else { return }
    var head = ByteBuffer()
    swap(&head, &self.sentHead)
    head.clear()
    swap(&head, &self.sentHead)
  }

  func keepHead(_ output: borrowing ByteBuffer, from start: Int) {
    var head = ByteBuffer()
    swap(&head, &self.sentHead)
    head.clear()
    head.append(output.span.extracting(droppingFirst: start))
    swap(&head, &self.sentHead)
  }
}
