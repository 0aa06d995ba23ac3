// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonPluginAPI
internal import Synchronization

/// The values that one event loop counts. Only a reading of the metrics ever competes for its lock.
final class MetricShard: Sendable {
  private let state = Mutex(ShardValues())
  private let directory: SeriesDirectory

  /// Values that are read while the loop may have to wait, a few microseconds.
  private static let chunk = 4096

  init(directory: SeriesDirectory) { self.directory = directory }

  /// How many values found no place. The directory, which has a lock of its own, is asked only for what this loop
  /// sees for the first time.
  func add(_ sample: RequestSample, of scope: RequestScope) -> Int {
    self.state.withLock { $0.add(sample, of: scope, self.directory) }
  }

  /// Adds its values to `totals`. Those of one series are read at once.
  func read(into totals: inout [UInt64], cuts: [Int]) {
    var start = 0
    for end in cuts {
      let isOver = self.state.withLock { state in
        let known = min(end, state.byPlace.count)
        var place = start
        while place < known {
          totals[place] &+= state.byPlace[place]
          place += 1
        }
        return known < end
      }
      if isOver { return }
      start = end
    }
  }

  /// Where a reading lets the loop in between: between series, every few thousand values.
  static func cuts(_ series: [SeriesDirectory.Series], valueCount: Int) -> [Int] {
    var cuts: [Int] = []
    var last = 0
    for entry in series where entry.place - last >= Self.chunk {
      last = entry.place
      cuts.append(last)
    }
    cuts.append(valueCount)
    return cuts
  }
}

/// What stands behind a shard's lock.
struct ShardValues {
  private(set) var byPlace: [UInt64] = []
  /// A cache: what is not here is found by its labels.
  private var scopes: [RequestScope.Key: Int] = [:]
  private var series: [ScopeSeries] = []

  /// Scopes that a loop keeps in mind. Those of deleted entities fill it in time; it then begins anew.
  static let scopeLimit = 16_384

  /// How many values found no place.
  mutating func add(_ sample: RequestSample, of scope: RequestScope, _ directory: SeriesDirectory) -> Int {
    let index = self.index(of: scope)
    var lost = 0
    if sample.receivedBytes > 0 {
      let place = self.series[index].ingress(directory)
      self.count(sample.receivedBytes, at: place, &lost)
    }
    if sample.sentBytes > 0 {
      let place = self.series[index].egress(directory)
      self.count(sample.sentBytes, at: place, &lost)
    }
    if let status = sample.status {
      let place = self.series[index].status(status, directory)
      self.count(1, at: place, &lost)
    }
    guard let times = sample.latencies else { return lost }
    let request = self.series[index].requestLatency(directory)
    self.observe(times.request, .requestLatency, at: request, &lost)
    // Nothing was tried.
    if times.proxy >= 0 {
      let upstream = self.series[index].upstreamLatency(directory)
      self.observe(times.proxy, .upstreamLatency, at: upstream, &lost)
    }
    let kong = self.series[index].kongLatency(directory)
    self.observe(times.kong, .kongLatency, at: kong, &lost)
    return lost
  }

  private mutating func count(_ amount: UInt64, at place: Int?, _ lost: inout Int) {
    guard let place else { return lost += 1 }
    self.reserve(place + 1)
    self.byPlace[place] &+= amount
  }

  private mutating func observe(_ milliseconds: Int, _ metric: RequestMetric, at place: Int?, _ lost: inout Int) {
    guard let place else { return lost += 1 }
    let bounds = metric.bounds
    var bucket = 0
    while bucket < bounds.count, milliseconds > bounds[bucket] { bucket += 1 }
    let sum = place + bounds.count + 1
    self.reserve(sum + 1)
    self.byPlace[place + bucket] &+= 1
    self.byPlace[sum] &+= UInt64(clamping: milliseconds)
  }

  private mutating func reserve(_ count: Int) {
    let missing = count - self.byPlace.count
    if missing > 0 { self.byPlace.append(contentsOf: repeatElement(0, count: missing)) }
  }

  private mutating func index(of scope: RequestScope) -> Int {
    let key = scope.key
    if let index = self.scopes[key] {
      // A span lends the element; the array's subscript would copy it.
      if !self.series.span[index].fits(scope) { self.series[index] = ScopeSeries(scope) }
      return index
    }
    if self.series.count >= Self.scopeLimit {
      self.scopes.removeAll()
      self.series.removeAll()
    }
    let index = self.series.count
    self.series.append(ScopeSeries(scope))
    self.scopes[key] = index
    return index
  }
}
