// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// How the last streams ended, whose slots are gone: frames for them may still come (RFC 9113, section 5.1). Older ones
/// are forgotten. Those that we reset are remembered longer, for their frames are an honest peer's.
struct ClosedStreams: Sendable {
  enum Ending: UInt8, Sendable {
    /// Both sides ended it.
    case ended
    /// We reset or refused it; what the peer sent before it knew is dropped.
    case resetByUs
    case resetByPeer
  }

  private var resetByUs = Ring(capacity: Self.resetCapacity)
  private var resetByPeer = Ring(capacity: Self.otherCapacity)
  private var ended = Ring(capacity: Self.otherCapacity)

  static let resetCapacity = 128
  static let otherCapacity = 32

  func ending(of id: UInt32) -> Ending? {
    if self.resetByUs.contains(id) { return .resetByUs }
    if self.ended.contains(id) { return .ended }
    return self.resetByPeer.contains(id) ? .resetByPeer : nil
  }

  mutating func append(_ id: UInt32, _ ending: Ending) {
    switch ending {
    case .ended: self.ended.append(id)
    case .resetByUs: self.resetByUs.append(id)
    case .resetByPeer: self.resetByPeer.append(id)
    }
  }

  private struct Ring: Sendable {
    let capacity: Int
    private var ids: [UInt32] = []
    private var next = 0

    init(capacity: Int) {
      self.capacity = capacity
    }

    func contains(_ id: UInt32) -> Bool { self.ids.contains(id) }

    mutating func append(_ id: UInt32) {
      if self.ids.count < self.capacity {
        self.ids.append(id)
      } else {
        self.ids[self.next] = id
        self.next = (self.next &+ 1) % self.capacity
      }
    }
  }
}
