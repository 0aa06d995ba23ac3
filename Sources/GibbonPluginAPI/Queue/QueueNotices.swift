// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A line for the error log.
package struct QueueNotice: Sendable, Hashable {
  package let level: ReportLevel
  package let text: String
}

/// The troubles of a queue, counted, and said once per interval: a server that is down must not fill the error log.
struct QueueNotices: Sendable {
  enum Trouble: Sendable {
    case tooLarge(Int, limit: Int)
    case dropped(Int)
    case lost(Int)
    case failed(String)
  }

  /// Nothing is repeated: what failed is told as it is, in the words of the plugin.
  private let isDirect: Bool
  private var dropped = 0
  private var lost = 0
  private var failures = 0
  private var reason = ""
  private var tooLarge: (count: Int, size: Int, limit: Int) = (0, 0, 0)
  private var isFilling = false
  private var hasToldFilling = false
  private var isInTrouble = false
  private var hasRecovered = false
  /// Something waits to be said.
  private var isPending = false
  private var saidAt: Double?

  init(isDirect: Bool = false) { self.isDirect = isDirect }

  /// Whether there is nothing to say; true almost always.
  var isQuiet: Bool { !self.isPending }

  mutating func note(_ trouble: Trouble, _ now: Double) {
    self.isPending = true
    switch trouble {
    case .tooLarge(let size, let limit): self.tooLarge = (self.tooLarge.count + 1, size, limit)
    case .dropped(let count):
      self.dropped += count
      self.isInTrouble = true
    case .lost(let count): self.lost += count
    case .failed(let reason):
      self.failures += 1
      self.reason = reason
      self.isInTrouble = true
    }
  }

  /// Told once until there is room again.
  mutating func isNearlyFull(_ isFilling: Bool, _ now: Double) {
    if isFilling, !self.hasToldFilling {
      self.isFilling = true
      self.isPending = true
    }
    self.hasToldFilling = isFilling
  }

  mutating func recovered(_ now: Double) {
    guard self.isInTrouble else { return }
    self.isInTrouble = false
    self.hasRecovered = true
    self.isPending = true
  }

  func delay(_ now: Double) -> Double? {
    self.isPending ? max(0, (self.saidAt ?? now) + QueueState.noticeSeconds - now) : nil
  }

  /// - Parameter everything: also what the interval is not yet over for.
  mutating func take(_ now: Double, everything: Bool) -> [QueueNotice] {
    if !everything, let saidAt, now - saidAt < QueueState.noticeSeconds { return [] }
    self.saidAt = now
    self.isPending = false
    var notices: [QueueNotice] = []
    func say(_ level: ReportLevel, _ text: String) { notices.append(QueueNotice(level: level, text: text)) }
    if self.failures > 0 {
      let times = self.failures > 1 ? " (\(self.failures) times)" : ""
      if self.isDirect {
        say(.error, "\(self.reason)\(times)")
      } else {
        say(.warn, "queue: handler could not process entries: \(self.reason)\(times)")
      }
    }
    if self.isFilling { say(.warn, "queue at 80% capacity") }
    if self.dropped > 0 { say(.error, "queue full: \(self.dropped) of the oldest entries were dropped") }
    if self.tooLarge.count > 0 {
      say(
        .error,
        "queue: \(self.tooLarge.count) entries were longer (\(self.tooLarge.size) bytes) than the queue's max_bytes "
          + "(\(self.tooLarge.limit) bytes)")
    }
    if self.lost > 0 { say(.error, "queue: could not send entries. \(self.lost) queue entries were lost") }
    if self.hasRecovered { say(.info, "queue resumed processing") }
    (self.failures, self.dropped, self.lost, self.tooLarge) = (0, 0, 0, (0, 0, 0))
    (self.isFilling, self.hasRecovered) = (false, false)
    return notices
  }
}
