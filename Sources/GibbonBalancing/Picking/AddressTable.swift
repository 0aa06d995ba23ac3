// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import Synchronization

/// Which address is next.
public enum BalancingAlgorithm: String, Sendable, Hashable, CaseIterable {
  case roundRobin = "round-robin"
  case consistentHashing = "consistent-hashing"
  case leastConnections = "least-connections"
  case latency
}

/// The addresses of an upstream's targets with their weights, made ready for one algorithm. A change of targets or of
/// what their names resolve to makes a new one; a change of health does not.
///
/// Thread-safe: every loop of a node picks from the same table.
public final class AddressTable: Sendable {
  public struct Entry: Sendable {
    public let address: TargetAddress
    /// Share of the requests; 0 gets none.
    public let weight: Int
    /// The address as Kong writes it, which is what consistent hashing places it by.
    public let text: String

    public init(_ address: TargetAddress, weight: Int, text: String) {
      self.address = address
      self.weight = max(0, weight)
      self.text = text
    }
  }

  public let entries: [Entry]
  public let totalWeight: Int
  /// Percent of the weight that must be available, or else nothing is.
  public let threshold: Double
  private let algorithm: BalancingAlgorithm
  private let turns: WeightedTurns
  private let continuum: Continuum?
  private let unavailable = Atomic(0)
  private let isUsable = Atomic(true)

  /// What a table is made of.
  public struct Plan: Sendable {
    public var algorithm = BalancingAlgorithm.roundRobin
    /// Points of the ring of consistent hashing.
    public var slots = 10_000
    public var threshold = 0.0
    /// Targets, resolved or not.
    public var targetCount = 0
    /// Where turns begin: another place on each node, so that nodes do not go the same way.
    public var seed: UInt64 = 0
    /// Milliseconds of the monotonic clock.
    public var now: UInt64 = 0

    public init() {}
  }

  /// - Parameter entries: by target: by host and port, then by text and port.
  public init(_ entries: [Entry], _ plan: Plan) {
    self.entries = entries
    self.algorithm = plan.algorithm
    self.threshold = plan.threshold
    self.totalWeight = entries.reduce(0) { $0 + $1.weight }
    self.turns = WeightedTurns(entries.map(\.weight), seed: plan.seed)
    self.continuum =
      plan.algorithm == .consistentHashing
      ? Continuum(Self.members(entries), targetCount: plan.targetCount, slots: plan.slots) : nil
    if plan.algorithm == .latency { self.supposeLatencies(now: plan.now) }
    self.healthChanged()
  }

  private static func members(_ entries: [Entry]) -> [Continuum.Member] {
    entries.indices.map { index in
      Continuum.Member(
        index: index, name: Array("\(entries[index].text)::\(entries[index].address.key.port)".utf8),
        weight: entries[index].weight)
    }
  }

  /// An address that is new begins with the average of those that are known: neither shunned nor flooded.
  private func supposeLatencies(now: UInt64) {
    let known = self.entries.map { $0.address.latency(now: now) }.filter { $0 > 0 }
    let average = known.isEmpty ? 0 : known.reduce(0, +) / Double(known.count)
    for entry in self.entries { entry.address.suppose(milliseconds: average, now: now) }
  }

  // MARK: Health of the whole

  public var unavailableWeight: Int { self.unavailable.load(ordering: .relaxed) }

  /// Whether enough of the weight is available.
  public var isHealthy: Bool { self.isUsable.load(ordering: .relaxed) }

  /// To be called after the condition of an address changed; one call at a time.
  public func healthChanged() {
    let out = self.entries.reduce(0) { $0 + ($1.address.isAvailable ? 0 : $1.weight) }
    self.unavailable.store(out, ordering: .relaxed)
    let share = self.totalWeight == 0 ? 0 : Double(self.totalWeight - out) / Double(self.totalWeight) * 100
    self.isUsable.store(self.totalWeight > 0 && share > self.threshold, ordering: .relaxed)
  }

  // MARK: Picking

  /// The entry the next request goes to; nil when there is none.
  ///
  /// - Parameters:
  ///   - hash: of what the request is told by; used by consistent hashing only.
  ///   - tried: addresses this request has tried: they are taken only when there is no other.
  public func pick(
    hash: UInt32 = 0, avoiding tried: [TargetAddress] = [], now: UInt64,
    random: inout some RandomNumberGenerator
  ) -> Int? {
    guard self.isHealthy else { return nil }
    if let index = self.choose(hash, tried, now, &random) { return index }
    return tried.isEmpty ? nil : self.choose(hash, [], now, &random)
  }

  private func choose(
    _ hash: UInt32, _ tried: [TargetAddress], _ now: UInt64, _ random: inout some RandomNumberGenerator
  ) -> Int? {
    switch self.algorithm {
    case .roundRobin: self.turns.next { self.accepts($0, tried) }
    case .consistentHashing: self.continuum?.owner(of: hash) { self.accepts($0, tried) }
    case .leastConnections: self.least(tried, sample: 16, upTo: 128, &random) { Double($0.requestCount + 1) }
    case .latency: self.least(tried, sample: 8, upTo: 16, &random) { $0.latency(now: now) }
    }
  }

  private func accepts(_ index: Int, _ tried: [TargetAddress]) -> Bool {
    let address = self.entries[index].address
    guard address.isAvailable else { return false }
    for other in tried where other === address { return false }
    return true
  }

  /// The entry with the least cost by weight; of equals, the next in turn. Among more than `all` entries it is the
  /// least of a sample, which is as good in practice and costs the same for any number.
  private func least(
    _ tried: [TargetAddress], sample: Int, upTo all: Int, _ random: inout some RandomNumberGenerator,
    cost: (TargetAddress) -> Double
  ) -> Int? {
    let count = self.entries.count
    guard count > 0 else { return nil }
    var best: Int?
    var bestCost = Double.infinity
    func consider(_ index: Int) {
      let entry = self.entries[index]
      guard entry.weight > 0, self.accepts(index, tried) else { return }
      let own = cost(entry.address) / Double(entry.weight)
      if own < bestCost { (best, bestCost) = (index, own) }
    }
    if count > all {
      for _ in 0..<sample { consider(Int(random.next(upperBound: UInt64(count)))) }
      if let best { return best }
    }
    let start = Int(self.turns.advance() % UInt64(count))
    for offset in 0..<count {
      consider(start + offset < count ? start + offset : start + offset - count)
    }
    return best
  }
}
