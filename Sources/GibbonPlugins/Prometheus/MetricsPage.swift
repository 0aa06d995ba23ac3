// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonPluginAPI

/// The page that Prometheus reads: metrics by name, and their series by labels, as Kong writes them.
///
/// https://prometheus.io/docs/instrumenting/exposition_formats/, text format version 0.0.4
struct MetricsPage {
  static let contentType = "text/plain; charset=UTF-8"

  private var bytes: [UInt8] = []

  /// - Parameter readings: nil for the node's own metrics alone.
  static func text(of node: NodeReport, _ readings: MetricRegistry.Readings?) -> [UInt8] {
    var page = MetricsPage()
    page.bytes.reserveCapacity(4096 + (readings?.values.count ?? 0) * 96)
    if let readings {
      page.add(.bandwidth, readings)
      page.add(.datastore, [("", node.isDatastoreReachable == false ? 0 : 1)])
      page.add(.requests, readings)
      page.add(.kongLatency, readings)
    } else {
      page.add(.datastore, [("", node.isDatastoreReachable == false ? 0 : 1)])
    }
    page.add(.memory, [(Self.memoryLabels(node), node.residentBytes)])
    page.add(.connections, Self.connections(node))
    if let readings { page.add(.errors, [("", readings.errors)]) }
    page.add(.allRequests, [(Self.nodeLabels(node).adding("subsystem", "http").text, node.requests)])
    page.add(.node, [(Self.nodeLabels(node).adding("version", node.kongVersion).text, 1)])
    if let readings {
      page.add(.requestLatency, readings)
      page.add(.upstreamLatency, readings)
      if readings.showsTargets, !node.targets.isEmpty { page.add(.targetHealth, Self.targets(node)) }
    }
    return page.bytes
  }

  // MARK: The node

  private static func nodeLabels(_ node: NodeReport) -> LabelText {
    LabelText().adding("node_id", "\(node.nodeID)")
  }

  private static func memoryLabels(_ node: NodeReport) -> String {
    self.nodeLabels(node).adding("pid", "\(node.processID)").adding("kong_subsystem", "http").text
  }

  /// What nginx tells of reading, writing and waiting connections is not known here.
  private static func connections(_ node: NodeReport) -> [(labels: String, value: Int)] {
    let states = [
      ("accepted", node.acceptedConnections), ("active", node.activeConnections),
      ("handled", node.acceptedConnections), ("total", node.requests),
    ]
    return states.map { state, value in
      (self.nodeLabels(node).adding("subsystem", "http").adding("state", state).text, value)
    }
  }

  /// Each address in each state: 1 for the one it is in.
  private static func targets(_ node: NodeReport) -> [(labels: String, value: Int)] {
    node.targets.flatMap { target in
      let labels = LabelText().adding("upstream", target.upstream).adding("target", target.target)
        .adding("address", target.address)
      return TargetReport.Health.allCases.map { state in
        (labels.adding("state", state.rawValue).adding("subsystem", "http").text, state == target.health ? 1 : 0)
      }
    }
  }

  // MARK: Lines

  private mutating func add(_ family: MetricFamily, _ samples: [(labels: String, value: Int)]) {
    self.begin(family)
    for sample in samples {
      self.add(family.name)
      if !sample.labels.isEmpty { self.add("{\(sample.labels)}") }
      self.add(" \(sample.value)\n")
    }
  }

  private mutating func add(_ metric: RequestMetric, _ readings: MetricRegistry.Readings) {
    guard let series = readings.series[metric], !series.isEmpty else { return }
    let family = metric.family
    self.begin(family)
    if family.type == .histogram { return self.addHistograms(metric, series, readings.values) }
    let name = Array("\(family.name){".utf8)
    for entry in series { self.add(name, entry.labels, "} ", readings.values[entry.place]) }
  }

  /// All buckets, then all counts, then all sums: names come first in the order.
  private mutating func addHistograms(
    _ metric: RequestMetric, _ series: [SeriesDirectory.Series], _ values: [UInt64]
  ) {
    let family = metric.family
    let bounds = metric.bounds
    let bucket = Array("\(family.name)_bucket{".utf8)
    let ends = bounds.map { #",le="\#($0)"} "# } + [#",le="+Inf"} "#]
    var counts: [UInt64] = []
    counts.reserveCapacity(series.count)
    for entry in series {
      var count: UInt64 = 0
      for (index, end) in ends.enumerated() {
        count &+= values[entry.place + index]
        self.add(bucket, entry.labels, end, count)
      }
      counts.append(count)
    }
    let countName = Array("\(family.name)_count{".utf8)
    for (entry, count) in zip(series, counts) { self.add(countName, entry.labels, "} ", count) }
    let sumName = Array("\(family.name)_sum{".utf8)
    for entry in series { self.add(sumName, entry.labels, "} ", values[entry.place + bounds.count + 1]) }
  }

  private mutating func begin(_ family: MetricFamily) {
    self.add("# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.type.rawValue)\n")
  }

  private mutating func add(_ name: [UInt8], _ labels: [UInt8], _ end: String, _ value: UInt64) {
    self.bytes.append(contentsOf: name)
    self.bytes.append(contentsOf: labels)
    self.add(end)
    self.add("\(value)")
    self.bytes.append(UInt8(ascii: "\n"))
  }

  private mutating func add(_ text: String) { self.bytes.append(contentsOf: text.utf8) }
}

extension LabelText {
  fileprivate var text: String { String(decoding: self.bytes, as: UTF8.self) }
}
