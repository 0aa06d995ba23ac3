// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The ring of consistent hashing: points, some of which belong to an address. A key belongs to the nearest
/// address at or below its own point.
///
/// Kong's construction, point for point, so that a key keeps its target when Kong is replaced:
/// - The ring has `slots` points, 1000 at least.
/// - Each address gets `floor(weight / total weight × number of targets × 160)` points, one at least.
/// - The n-th point of an address is the hash of `ip::port n`. A point that is taken is passed over, and the address
///   gets one more number instead.
/// - Hashes are *signed* 32-bit numbers, and the remainder is the mathematical one: for half of all keys this differs
///   from the remainder of the unsigned hash.
///
/// Kong gives up when the points do not suffice (63 targets of equal weight with the default of 10,000 slots). Here
/// the ring is doubled until they do.
struct Continuum: Sendable {
  /// An address as the ring sees it.
  struct Member {
    /// Its place in the table.
    let index: Int
    /// `ip::port`
    let name: [UInt8]
    let weight: Int
  }

  static let leastPoints = 1000
  static let mostPoints = 1 << 26
  private static let pointsPerTarget = 160.0

  let points: Int
  /// Points that belong to an address, ascending, and their owners.
  private let positions: [UInt32]
  private let owners: [UInt32]

  /// - Parameter members: in Kong's order: by host, port, then by `ip:port`.
  init(_ members: [Member], targetCount: Int, slots: Int) {
    let total = members.reduce(0) { $0 + $1.weight }
    let shares = members.map { Self.share(of: $0.weight, total: total, targetCount: targetCount) }
    let wanted = shares.reduce(0, +)
    var points = max(Self.leastPoints, slots)
    var ring: [Int32]?
    while ring == nil, points < Self.mostPoints {
      if wanted <= points { ring = Self.ring(members, shares, points) }
      if ring == nil { points *= 2 }
    }
    // So many addresses that each gets one point, wherever it falls.
    let taken = Self.taken(of: ring ?? Self.sparseRing(members, points))
    self.points = points
    self.positions = taken.positions
    self.owners = taken.owners
  }

  private static func share(of weight: Int, total: Int, targetCount: Int) -> Int {
    guard weight > 0, total > 0 else { return 0 }
    // The order of the operations decides how the last bit is rounded.
    let share = Double(weight) / Double(total) * Double(targetCount) * Self.pointsPerTarget
    return max(1, Int(share.rounded(.down)))
  }

  /// The owner of each point, -1 for none; nil when the points do not suffice.
  private static func ring(_ members: [Member], _ shares: [Int], _ points: Int) -> [Int32]? {
    var ring = [Int32](repeating: -1, count: points)
    for (member, share) in zip(members, shares) {
      var name = PointName(member.name)
      var entries = share
      var number = 1
      while number <= entries {
        let point = Self.point(of: XXHash32.hash(name.bytes(number).span), points)
        if ring[point] < 0 {
          ring[point] = Int32(truncatingIfNeeded: member.index)
        } else {
          entries += 1
        }
        number += 1
        if number > points { return nil }
      }
    }
    return ring
  }

  private static func sparseRing(_ members: [Member], _ points: Int) -> [Int32] {
    var ring = [Int32](repeating: -1, count: points)
    for member in members where member.weight > 0 {
      var name = PointName(member.name)
      ring[Self.point(of: XXHash32.hash(name.bytes(1).span), points)] = Int32(truncatingIfNeeded: member.index)
    }
    return ring
  }

  private static func taken(of ring: [Int32]) -> (positions: [UInt32], owners: [UInt32]) {
    var positions: [UInt32] = []
    var owners: [UInt32] = []
    for point in ring.indices where ring[point] >= 0 {
      positions.append(UInt32(truncatingIfNeeded: point))
      owners.append(UInt32(bitPattern: ring[point]))
    }
    return (positions, owners)
  }

  private static func point(of hash: UInt32, _ points: Int) -> Int {
    let remainder = Int(Int32(bitPattern: hash)) % points
    return remainder < 0 ? remainder + points : remainder
  }

  /// The first address that is acceptable, from the key's point downwards and round.
  func owner(of hash: UInt32, where isAcceptable: (Int) -> Bool) -> Int? {
    guard !self.positions.isEmpty else { return nil }
    var entry = self.entry(atOrBelow: UInt32(truncatingIfNeeded: Self.point(of: hash, self.points)))
    var last = -1
    for _ in self.positions.indices {
      let owner = Int(self.owners[entry])
      if owner != last, isAcceptable(owner) { return owner }
      last = owner
      entry = entry == 0 ? self.positions.count - 1 : entry - 1
    }
    return nil
  }

  private func entry(atOrBelow point: UInt32) -> Int {
    var low = 0
    var high = self.positions.count
    while low < high {
      let middle = (low + high) / 2
      if self.positions[middle] <= point { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? self.positions.count - 1 : low - 1
  }
}

/// `ip::port n`, with the number exchanged in place.
private struct PointName {
  private var text: [UInt8]
  private let prefix: Int

  init(_ name: [UInt8]) {
    self.text = name + [0x20]
    self.prefix = self.text.count
  }

  mutating func bytes(_ number: Int) -> [UInt8] {
    self.text.removeSubrange(self.prefix...)
    self.text.append(contentsOf: String(number).utf8)
    return self.text
  }
}
