// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Synchronization

/// What all instances of the plugin count together, from the start of the process on.
///
/// Each event loop adds to a shard of its own; a reading adds the shards up.
final class MetricRegistry: Sendable {
  /// What the error log is told once.
  enum Notice: Sendable, Hashable {
    case limitReached, noAI
  }

  /// All that was counted, at a moment.
  struct Readings: Sendable {
    /// By labels, for each metric.
    let series: [RequestMetric: [SeriesDirectory.Series]]
    /// By place.
    let values: [UInt64]
    /// What was not counted for want of room.
    let errors: Int
    /// An instance wants the health of targets.
    let showsTargets: Bool
  }

  /// That of the node.
  static let node = MetricRegistry()
  /// More loops than that share shards.
  private static let shardCount = 64

  private let directory: SeriesDirectory
  private let shards: [MetricShard]
  private let errors = Atomic<Int>(0)
  private let instances = Atomic<Int>(0)
  /// Those that want the health of targets.
  private let healthInstances = Atomic<Int>(0)
  private let notices = Mutex<Set<Notice>>([])

  init(limits: SeriesDirectory.Limits = .init()) {
    let directory = SeriesDirectory(limits: limits)
    self.directory = directory
    self.shards = (0..<Self.shardCount).map { _ in MetricShard(directory: directory) }
  }

  var limits: SeriesDirectory.Limits { self.directory.limits }

  /// Counts a request; false when there was no room for some of it.
  ///
  /// - Parameter loop: the number of the event loop, to share nothing with other loops.
  func add(_ sample: RequestSample, of scope: RequestScope, loop: Int) -> Bool {
    let lost = self.shards[Int(UInt(bitPattern: loop) % UInt(Self.shardCount))].add(sample, of: scope)
    if lost > 0 { self.errors.wrappingAdd(lost, ordering: .relaxed) }
    return lost == 0
  }

  /// Whether that was not said before.
  func isFirst(_ notice: Notice) -> Bool { self.notices.withLock { $0.insert(notice).inserted } }

  // MARK: Instances

  func healthInstanceBegan() { self.healthInstances.wrappingAdd(1, ordering: .relaxed) }
  func healthInstanceEnded() { self.healthInstances.wrappingSubtract(1, ordering: .relaxed) }
  func instanceBegan() { self.instances.wrappingAdd(1, ordering: .relaxed) }
  func instanceEnded() { self.instances.wrappingSubtract(1, ordering: .relaxed) }

  // MARK: Reading

  /// nil where no instance counts: like Kong, the page then has nothing of requests.
  func readings() -> Readings? {
    guard self.instances.load(ordering: .relaxed) > 0 else { return nil }
    let (series, count) = self.directory.all
    let cuts = MetricShard.cuts(series, valueCount: count)
    var values = [UInt64](repeating: 0, count: count)
    for shard in self.shards { shard.read(into: &values, cuts: cuts) }
    let sorted = Dictionary(grouping: series, by: \.metric).mapValues { series in
      series.sorted { $0.labels.lexicographicallyPrecedes($1.labels) }
    }
    return Readings(
      series: sorted, values: values, errors: self.errors.load(ordering: .relaxed),
      showsTargets: self.healthInstances.load(ordering: .relaxed) > 0)
  }
}
