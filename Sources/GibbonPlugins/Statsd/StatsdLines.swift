// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonPluginAPI
internal import GibbonSchema

/// A metric of the configuration.
struct StatsdMetric: Decodable, Sendable {
  var name: String
  var statType: String
  var sampleRate: Double?
  var consumerIdentifier: String?
  var serviceIdentifier: String?
  var workspaceIdentifier: String?
}

/// What a request is to a StatsD server: `kong.service.shop.request.count:1|c`, one a line.
struct StatsdLines: Sendable {
  private struct Prepared: Sendable {
    let name: String
    /// `|ms`, `|c|@0.5`: behind values.
    let suffix: String
    /// The same for metrics that are counters whatever the configuration says.
    let counterSuffix: String
    let consumer: String
    let service: String
    let workspace: String
  }

  private let metrics: [Prepared]
  private let prefix: String
  private let tagStyle: TagStyle?
  private let hostname: String

  enum TagStyle: String, Sendable {
    case dogstatsd, influxdb, librato, signalfx
  }

  init(_ configuration: StatsdPlugin.Configuration, hostname: String) {
    self.tagStyle = configuration.tagStyle.flatMap { TagStyle(rawValue: $0) }
    self.hostname = hostname
    let prefix = configuration.prefix ?? "kong"
    self.prefix =
      configuration.hostnameInPrefix == true && self.tagStyle == nil ? "\(prefix).node.\(hostname)" : prefix
    self.metrics = (configuration.metrics ?? []).map { metric in
      let rate = metric.sampleRate.flatMap { $0 == 1 ? nil : "|@\(JSONWriter.text(of: $0))" } ?? ""
      return Prepared(
        name: metric.name, suffix: "|\(Self.letter(of: metric.statType))\(rate)", counterSuffix: "|c\(rate)",
        consumer: metric.consumerIdentifier ?? configuration.consumerIdentifierDefault,
        service: metric.serviceIdentifier ?? configuration.serviceIdentifierDefault,
        workspace: metric.workspaceIdentifier ?? configuration.workspaceIdentifierDefault)
    }
  }

  private static func letter(of type: String) -> String {
    switch type {
    case "gauge": "g"
    case "timer": "ms"
    case "histogram": "h"
    case "meter": "m"
    case "set": "s"
    default: "c"
    }
  }

  /// Text as a part of a name: dots separate parts, so they become `_`.
  static func part(_ text: String) -> String { Self.encoded(text, also: UInt8(ascii: ".")) }

  /// Text of a person as a part of a name, as a value or in a tag: what separates there, in any of the styles that
  /// servers read, becomes `_`.
  static func encoded(_ text: String, also other: UInt8? = nil) -> String {
    String(
      decoding: text.utf8.map { byte in
        byte <= .space || byte == 0x7F || byte == other || Self.separators.contains(byte) ? UInt8(ascii: "_") : byte
      }, as: UTF8.self)
  }

  private static let separators = Set("|:#,=[]{}\"\\".utf8)

  /// The lines of a request, without the last one's end; empty when there are none.
  func lines(_ context: RequestContext) -> [UInt8] {
    var writer = Writer(prefix: self.prefix)
    let outcome = context.outcome
    for metric in self.metrics {
      if let (name, value) = Self.amount(metric.name, outcome) {
        guard value != -1 else { continue }
        if let tagStyle = self.tagStyle {
          writer.add(name, "\(value)", metric.suffix, self.tags(context, metric), tagStyle)
        } else {
          writer.add("\(Self.scope(context.service, metric.service)).\(name)", "\(value)", metric.suffix)
        }
      } else if self.tagStyle == nil {
        self.addPerUser(metric, context, to: &writer)
      }
    }
    return writer.bytes
  }

  /// What is measured of every request.
  private static func amount(_ metric: String, _ outcome: RequestOutcome) -> (name: String, value: Int)? {
    switch metric {
    case "request_count": ("request.count", 1)
    case "request_size": ("request.size", Int(clamping: outcome.requestSize))
    case "response_size": ("response.size", Int(clamping: outcome.responseSize))
    case "latency": ("latency", outcome.latencies.request)
    case "upstream_latency": ("upstream_latency", outcome.latencies.proxy)
    case "kong_latency": ("kong_latency", outcome.latencies.kong)
    default: nil
    }
  }

  /// What is counted by status, user, workspace and route. Kong leaves these out where there are tags.
  private func addPerUser(_ metric: Prepared, _ context: RequestContext, to writer: inout Writer) {
    let status = "status.\(context.response.status)"
    let scope = Self.scope(context.service, metric.service)
    if metric.name == "status_count" { return writer.add("\(scope).\(status)", "1", metric.counterSuffix) }
    if metric.name == "status_count_per_workspace" {
      return writer.add("\(scope).workspace.\(Self.workspace(metric.workspace)).\(status)", "1", metric.counterSuffix)
    }
    guard let consumer = Self.consumer(context.client.consumer, metric.consumer) else { return }
    switch metric.name {
    case "unique_users": writer.add("\(scope).user.uniques", consumer, "|s")
    case "request_per_user": writer.add("\(scope).user.\(consumer).request.count", "1", metric.counterSuffix)
    case "status_count_per_user": writer.add("\(scope).user.\(consumer).\(status)", "1", metric.counterSuffix)
    case "status_count_per_user_per_route":
      guard let route = context.route else { return }
      writer.add("route.\(route.id).user.\(consumer).\(status)", "1", metric.counterSuffix)
    // Memory that nginx shares between processes; there is none here.
    default: break
    }
  }

  // MARK: Who

  private static func scope(_ service: Service?, _ identifier: String) -> String {
    guard let service else { return "global.unmatched" }
    return "service.\(Self.service(service, identifier).map(Self.part) ?? "unnamed")"
  }

  private static func service(_ service: Service, _ identifier: String) -> String? {
    switch identifier {
    case "service_id": "\(service.id)"
    case "service_name": service.name
    case "service_host": service.host
    default: service.name ?? service.host
    }
  }

  private static func consumer(_ consumer: Consumer?, _ identifier: String) -> String? {
    guard let consumer else { return nil }
    switch identifier {
    case "consumer_id": return "\(consumer.id)"
    case "username": return consumer.username.map { Self.encoded($0) }
    default: return consumer.customID.map { Self.encoded($0) }
    }
  }

  private static func workspace(_ identifier: String) -> String {
    identifier == "workspace_name" ? "default" : "\(Workspace.defaultID)"
  }

  /// None where there is no service.
  private func tags(_ context: RequestContext, _ metric: Prepared) -> [(key: String, value: String)] {
    guard let service = context.service.flatMap({ Self.service($0, metric.service) }) else { return [] }
    var tags = [("service", Self.encoded(service))]
    if let route = context.route { tags.append(("route", Self.encoded(route.name ?? "\(route.id)"))) }
    tags.append(("workspace", Self.workspace(metric.workspace)))
    if let consumer = Self.consumer(context.client.consumer, metric.consumer) { tags.append(("consumer", consumer)) }
    tags.append(("node", self.hostname))
    tags.append(("status", "\(context.response.status)"))
    return tags
  }

  // MARK: Lines

  private struct Writer {
    let prefix: String
    private(set) var bytes: [UInt8] = []

    init(prefix: String) { self.prefix = prefix }

    mutating func add(_ name: String, _ value: String, _ suffix: String) {
      self.begin()
      self.append("\(self.prefix).\(name):\(value)\(suffix)")
    }

    mutating func add(
      _ name: String, _ value: String, _ suffix: String, _ tags: [(key: String, value: String)], _ style: TagStyle
    ) {
      if tags.isEmpty { return self.add(name, value, suffix) }
      let separator = style == .dogstatsd ? ":" : "="
      let list = tags.map { "\($0.key)\(separator)\($0.value)" }.joined(separator: ",")
      self.begin()
      switch style {
      case .dogstatsd: self.append("\(self.prefix).\(name):\(value)\(suffix)|#\(list)")
      case .influxdb: self.append("\(self.prefix).\(name),\(list):\(value)\(suffix)")
      case .librato: self.append("\(self.prefix).\(name)#\(list):\(value)\(suffix)")
      case .signalfx: self.append("\(self.prefix).\(name)[\(list)]:\(value)\(suffix)")
      }
    }

    private mutating func begin() {
      if !self.bytes.isEmpty { self.bytes.append(UInt8(ascii: "\n")) }
    }

    /// A name must not begin a line of its own.
    private mutating func append(_ text: String) {
      for byte in text.utf8 { self.bytes.append(byte < 0x20 || byte == 0x7F ? UInt8(ascii: "_") : byte) }
    }
  }
}
