// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A page of metrics in the text format of Prometheus, version 0.0.4, read strictly: what a scraper might let pass is
/// refused here.
public struct Exposition: Sendable {
  /// In the order of the page.
  public let families: [Family]

  public struct Family: Sendable {
    public let name: String
    public let help: String
    public let type: String
    public internal(set) var samples: [Sample]
  }

  public struct Sample: Sendable {
    public let name: String
    public let labels: [(name: String, value: String)]
    public let value: Double

    public subscript(label: String) -> String? { self.labels.first { $0.name == label }?.value }

    /// As it stands on the page, but for the value.
    var identity: String { "\(self.name) \(self.labels.map { "\($0.name)=\($0.value.debugDescription)" })" }
  }

  /// - Throws: `.failed` with the line that is wrong.
  public init(parsing text: String) throws {
    guard text.isEmpty || text.utf8.last == UInt8(ascii: "\n") else {
      throw HarnessError(.failed, "the last line has no end")
    }
    var builder = Builder()
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      do { try builder.add(line) } catch { throw HarnessError(.failed, "\(error) in the line: \(line)") }
    }
    do { try builder.endFamily() } catch { throw HarnessError(.failed, "\(error)") }
    self.families = builder.families
  }

  public subscript(name: String) -> Family? { self.families.first { $0.name == name } }

  public var names: [String] { self.families.map(\.name) }

  /// The values of the samples of that name which have these labels, among others.
  public func values(_ name: String, _ labels: [String: String] = [:]) -> [Double] {
    self.families.flatMap(\.samples)
      .filter { sample in sample.name == name && labels.allSatisfy { sample[$0.key] == $0.value } }
      .map(\.value)
  }

  /// The one value; nil if there is none or there are several.
  public func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
    let values = self.values(name, labels)
    return values.count == 1 ? values[0] : nil
  }
}

/// Takes lines one by one.
private struct Builder {
  private(set) var families: [Exposition.Family] = []
  private var help: (name: String, text: String)?
  private var seenNames: Set<String> = []
  private var seenSamples: Set<String> = []

  private static let types: Set<String> = ["counter", "gauge", "histogram", "summary", "untyped"]

  mutating func add(_ line: Substring) throws(Malformed) {
    if line.hasPrefix("# HELP ") { return try self.addHelp(line.dropFirst(7)) }
    if line.hasPrefix("# TYPE ") { return try self.addType(line.dropFirst(7)) }
    guard self.help == nil else { throw "a TYPE is missing" }
    var scanner = SampleScanner(line)
    let sample = try scanner.sample()
    guard let family = self.families.indices.last else { throw "a sample before any TYPE" }
    guard self.belongs(sample.name, to: self.families[family]) else { throw "a sample of another metric" }
    guard self.seenSamples.insert(sample.identity).inserted else { throw "a sample twice" }
    if self.families[family].type != "gauge", !(sample.value >= 0) { throw "a count below zero" }
    self.families[family].samples.append(sample)
  }

  private mutating func addHelp(_ rest: Substring) throws(Malformed) {
    try self.endFamily()
    guard self.help == nil else { throw "a HELP after a HELP" }
    guard let space = rest.firstIndex(of: " ") else { throw "a HELP without text" }
    let name = String(rest[..<space])
    guard SampleScanner.isName(name) else { throw "no name of a metric" }
    guard self.seenNames.insert(name).inserted else { throw "a metric twice" }
    self.help = (name, String(rest[rest.index(after: space)...]))
  }

  private mutating func addType(_ rest: Substring) throws(Malformed) {
    let parts = rest.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 2, Self.types.contains(String(parts[1])) else { throw "no type" }
    guard let help = self.help, help.name == parts[0] else { throw "a TYPE without its HELP" }
    self.families.append(.init(name: help.name, help: help.text, type: String(parts[1]), samples: []))
    self.help = nil
  }

  private func belongs(_ sample: String, to family: Exposition.Family) -> Bool {
    guard family.type == "histogram" else { return sample == family.name }
    return ["_bucket", "_count", "_sum"].contains { family.name + $0 == sample }
  }

  /// Looks at a metric as a whole.
  mutating func endFamily() throws(Malformed) {
    guard self.help == nil else { throw "a HELP without TYPE" }
    guard let family = self.families.last else { return }
    guard !family.samples.isEmpty else { throw "no samples of \(family.name)" }
    guard family.type == "histogram" else { return }
    let series = Dictionary(grouping: family.samples) { sample in
      "\(sample.labels.filter { $0.name != "le" }.map { "\($0.name)=\($0.value.debugDescription)" })"
    }
    for samples in series.values { try self.checkHistogram(samples, family.name) }
  }

  private func checkHistogram(_ samples: [Exposition.Sample], _ name: String) throws(Malformed) {
    let buckets = samples.filter { $0.name == "\(name)_bucket" }
    var last: (bound: Double, count: Double) = (-.infinity, 0)
    for bucket in buckets {
      guard let text = bucket["le"], let bound = SampleScanner.number(text) else { throw "a bucket without bound" }
      guard bound > last.bound, bucket.value >= last.count else { throw "buckets of \(name) that do not rise" }
      last = (bound, bucket.value)
    }
    guard buckets.last?["le"] == "+Inf" else { throw "no last bucket of \(name)" }
    guard samples.filter({ $0.name == "\(name)_count" }).map(\.value) == [last.count] else {
      throw "a count of \(name) that is not its last bucket's"
    }
    guard samples.count(where: { $0.name == "\(name)_sum" }) == 1 else { throw "no sum of \(name)" }
  }
}

/// What is wrong with a page.
struct Malformed: Error, ExpressibleByStringInterpolation, CustomStringConvertible {
  let description: String
  init(stringLiteral value: String) { self.description = value }
}
