// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Synchronization

/// Which series there are, and where each has its values: the same places on every event loop.
///
/// Series are admitted up to a limit and stay until the process ends, as in Kong.
final class SeriesDirectory: Sendable {
  struct Limits: Sendable {
    /// Lines of the page, nearly. Each takes 8 bytes on every loop that uses it.
    var values = 400_000
    /// Of the labels of all series.
    var labelBytes = 16 * 1024 * 1024
  }

  struct Series: Sendable {
    let metric: RequestMetric
    let labels: [UInt8]
    /// Of its first value.
    let place: Int
  }

  private struct State {
    /// By labels, for each metric.
    var places = [[[UInt8]: Int]](repeating: [:], count: RequestMetric.allCases.count)
    var series: [Series] = []
    var valueCount = 0
    var labelBytes = 0
  }

  let limits: Limits
  private let state = Mutex(State())

  init(limits: Limits = Limits()) { self.limits = limits }

  /// Where the values of a series stand; nil when it is new and there is no room.
  func place(of metric: RequestMetric, _ labels: LabelText) -> Int? {
    self.state.withLock { state in
      if let place = state.places[metric.rawValue][labels.bytes] { return place }
      let count = metric.valueCount
      guard count <= self.limits.values - state.valueCount,
        labels.bytes.count <= self.limits.labelBytes - state.labelBytes
      else { return nil }
      let place = state.valueCount
      state.places[metric.rawValue][labels.bytes] = place
      state.series.append(Series(metric: metric, labels: labels.bytes, place: place))
      state.valueCount += count
      state.labelBytes += labels.bytes.count
      return place
    }
  }

  /// All series in the order of their admission, and how many values they have.
  var all: (series: [Series], valueCount: Int) { self.state.withLock { ($0.series, $0.valueCount) } }
}
