// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Which requests wait for an answer on one connection, by stream id (section 2.4.1.3).
struct StreamTable<Waiting> {
  /// Requests under way at once; a server answers slower, not faster, with more.
  static var limit: Int { 2048 }

  private enum Slot {
    case waiting(Waiting)
    /// Nobody waits any more, but the answer may come: the id must not be used before.
    case abandoned
  }

  private var slots: [Int16: Slot] = [:]
  private var free: [Int16] = []
  private var unused: Int16 = 0
  private(set) var abandonedCount = 0

  var isEmpty: Bool { self.slots.count == self.abandonedCount }

  /// nil when as many as may be are under way.
  mutating func add(_ waiting: Waiting) -> Int16? {
    let id: Int16
    if let last = self.free.popLast() {
      id = last
    } else if Int(self.unused) < Self.limit {
      id = self.unused
      self.unused += 1
    } else {
      return nil
    }
    self.slots[id] = .waiting(waiting)
    return id
  }

  enum Answered {
    case to(Waiting)
    /// It came too late.
    case toNobody
    /// No request has this id.
    case unknown
  }

  mutating func answer(_ id: Int16) -> Answered {
    switch self.slots.removeValue(forKey: id) {
    case nil: return .unknown
    case .abandoned:
      self.abandonedCount -= 1
      self.free.append(id)
      return .toNobody
    case .waiting(let waiting):
      self.free.append(id)
      return .to(waiting)
    }
  }

  /// Gives up waiting; nil if the answer was there already.
  mutating func abandon(_ id: Int16) -> Waiting? {
    guard case .waiting(let waiting) = self.slots[id] else { return nil }
    self.slots[id] = .abandoned
    self.abandonedCount += 1
    return waiting
  }

  mutating func removeAll() -> [Waiting] {
    defer { self = StreamTable() }
    return self.slots.values.compactMap { if case .waiting(let waiting) = $0 { waiting } else { nil } }
  }
}
