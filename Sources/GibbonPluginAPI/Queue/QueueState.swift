// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What waits in a `BatchQueue`, what is sent next and what is lost: its decisions, without clock, tasks or I/O.
///
/// Times are seconds of any clock that does not go back.
package struct QueueState: Sendable {
  /// Bytes that wait at most where the configuration does not say.
  package static let bytesLimit = 64 * 1024 * 1024
  /// Batches under way at once, where the configuration asks for no limit.
  package static let sendersLimit = 64
  /// Between two lines of the error log about the same trouble.
  package static let noticeSeconds = 10.0
  /// Kong's: a wait that is almost over is not begun.
  private static let leastDelay = 0.05
  /// The share of `max_entries` that is warned of.
  private static let warnedShare = 0.8

  private let parameters: QueueParameters
  private let maxBytes: Int
  private let maxSenders: Int
  private let batchSize: Int

  private var entries: [[UInt8]] = []
  /// The oldest entry's place in `entries`; those before it are gone.
  private var head = 0
  private var bytes = 0
  /// Since when a sender has been waiting for a fuller batch.
  private var gatheringSince: Double?
  private var senders = 0
  /// Nothing waits for a fuller batch any more: the end is near.
  package private(set) var isClosing = false
  /// Nothing is sent any more.
  package private(set) var isOver = false

  private var notices: QueueNotices

  package init(_ parameters: QueueParameters) {
    self.parameters = parameters
    self.notices = QueueNotices(isDirect: parameters.maxRetryTime < 0)
    self.maxBytes = max(1, min(parameters.maxBytes ?? Self.bytesLimit, Self.bytesLimit))
    self.maxSenders = parameters.concurrencyLimit == -1 ? Self.sendersLimit : 1
    // Kong sends each by itself then.
    self.batchSize = parameters.concurrencyLimit == -1 ? 1 : max(1, parameters.maxBatchSize)
  }

  package var count: Int { self.entries.count - self.head }
  package var byteCount: Int { self.bytes }
  /// There is enough for a batch.
  package var hasWholeBatch: Bool { self.count >= self.batchSize }
  package var isIdle: Bool { self.count == 0 && self.senders == 0 }

  // MARK: In

  package enum Admission: Sendable, Hashable {
    /// One that sends already will see to it.
    case waits
    /// A sender must begin.
    case needsSender
    /// There is enough for a batch: whoever waits for that should look.
    case completesBatch
    /// It is larger than all that may wait, or the queue is over.
    case refused
  }

  package mutating func add(_ entry: [UInt8], now: Double) -> Admission {
    guard !self.isOver else { return .refused }
    guard entry.count <= self.maxBytes else {
      self.notices.note(.tooLarge(entry.count, limit: self.maxBytes), now)
      return .refused
    }
    self.makeRoom(for: entry.count, now)
    self.entries.append(entry)
    self.bytes += entry.count
    if self.senders < self.maxSenders {
      self.senders += 1
      return .needsSender
    }
    return self.gatheringSince != nil && self.hasWholeBatch ? .completesBatch : .waits
  }

  /// The oldest go.
  private mutating func makeRoom(for size: Int, _ now: Double) {
    var dropped = 0
    while self.count >= self.parameters.maxEntries || self.bytes + size > self.maxBytes {
      guard self.takeFirst() != nil else { break }
      dropped += 1
    }
    if dropped > 0 { return self.notices.note(.dropped(dropped), now) }
    self.notices.isNearlyFull(Double(self.count) >= Double(self.parameters.maxEntries) * Self.warnedShare, now)
  }

  private mutating func takeFirst() -> [UInt8]? {
    guard self.head < self.entries.count else { return nil }
    var entry: [UInt8] = []
    swap(&entry, &self.entries[self.head])
    self.head += 1
    self.bytes -= entry.count
    if self.head == self.entries.count {
      // What a burst needed is not kept.
      self.entries.removeAll(keepingCapacity: self.entries.capacity <= 1024)
      self.head = 0
    } else if self.head >= 64, self.head * 2 >= self.entries.count {
      // Moves the rest at most as often as entries were taken.
      self.entries.removeFirst(self.head)
      self.head = 0
    }
    return entry
  }

  // MARK: Out

  package enum Step: Sendable, Hashable {
    case send([[UInt8]])
    /// Look again after this many seconds, or when `completesBatch` is told.
    case wait(Double)
    /// Nothing is left: the sender is done.
    case rest
  }

  /// What a sender does next.
  package mutating func next(now: Double) -> Step {
    guard !self.isOver, self.count > 0 else {
      self.gatheringSince = nil
      self.senders -= 1
      return .rest
    }
    let since = self.gatheringSince ?? now
    let left = self.parameters.maxCoalescingDelay - (now - since)
    if !self.hasWholeBatch, left >= Self.leastDelay, !self.isClosing {
      self.gatheringSince = since
      return .wait(left)
    }
    self.gatheringSince = nil
    let size = min(self.count, self.batchSize)
    var batch: [[UInt8]] = []
    batch.reserveCapacity(size)
    for _ in 0..<size {
      if let entry = self.takeFirst() { batch.append(entry) }
    }
    return .send(batch)
  }

  /// A batch has arrived.
  package mutating func delivered(now: Double) { self.notices.recovered(now) }

  /// A batch has not arrived.
  ///
  /// - Parameters:
  ///   - began: when it was first tried.
  ///   - failures: how often it has failed before.
  /// - Returns: the seconds until it is tried again; nil when it is lost.
  package mutating func failed(
    _ reason: String, entries: Int, began: Double, failures: Int, now: Double
  ) -> Double? {
    self.notices.note(.failed(reason), now)
    guard !self.isOver, now - began <= self.parameters.maxRetryTime else {
      self.notices.note(.lost(entries), now)
      return nil
    }
    let doublings = Double(sign: .plus, exponent: min(failures, 64), significand: 1)
    return min(self.parameters.maxRetryDelay, self.parameters.initialRetryDelay * doublings)
  }

  /// A part of a batch cannot be sent at all; the rest has arrived.
  package mutating func lost(_ reason: String, entries: Int, now: Double) {
    self.notices.note(.failed(reason), now)
    self.notices.note(.lost(entries), now)
  }

  // MARK: The end

  /// From now on batches leave as they are.
  package mutating func close() { self.isClosing = true }

  /// Gives up what still waits.
  package mutating func end(now: Double) {
    guard !self.isOver else { return }
    self.isOver = true
    let left = self.count
    self.entries = []
    self.head = 0
    self.bytes = 0
    if left > 0 { self.notices.note(.lost(left), now) }
  }

  // MARK: What to say

  /// What the error log should be told now. To be asked after everything else.
  package mutating func takeNotices(now: Double) -> [QueueNotice] {
    self.notices.isQuiet ? [] : self.notices.take(now, everything: self.isOver)
  }

  /// Seconds until there is something to tell; nil when nothing waits for that.
  package func noticeDelay(now: Double) -> Double? { self.notices.delay(now) }
}
