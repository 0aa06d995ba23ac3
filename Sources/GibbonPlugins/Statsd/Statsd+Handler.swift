// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import Glibc

/// `statsd`: counts and times of requests, to a StatsD server.
public final class StatsdPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var host: String?
    var port: Int?
    var prefix: String?
    var metrics: [StatsdMetric]?
    var allowStatusCodes: [String]?
    var udpPacketSize: Double?
    var useTCP: Bool?
    var hostnameInPrefix: Bool?
    var consumerIdentifierDefault: String
    var serviceIdentifierDefault: String
    var workspaceIdentifierDefault: String
    var retryCount: Int?
    var queueSize: Int?
    var flushTimeout: Double?
    var tagStyle: String?
    var queue: QueueParameters
  }

  private let ranges: [ClosedRange<Int>]?
  private let lines: StatsdLines
  private let queue: BatchQueue

  /// Milliseconds to connect and to send over TCP, as in Kong.
  private static let tcpTimeout = 1000.0

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.ranges = configuration.allowStatusCodes.map { $0.compactMap(Self.range) }
    self.lines = StatsdLines(configuration, hostname: Self.hostname)
    let legacy = LegacyQueueParameters(
      retryCount: configuration.retryCount, queueSize: configuration.queueSize,
      flushTimeout: configuration.flushTimeout)
    for warning in legacy.warnings { environment.report(.warn, warning) }
    let parameters = legacy.applied(to: configuration.queue)
    let target = LogTarget(
      host: configuration.host ?? "localhost", port: configuration.port ?? 8125, timeout: Self.tcpTimeout)
    if configuration.useTCP == true {
      let sender = TCPSender(target)
      self.queue = BatchQueue(parameters, environment: environment, release: { await sender.close() }) { batch in
        try await sender.send(StatsdPackets.stream(batch))
      }
    } else {
      let sender = UDPSender(target)
      let size = Int(configuration.udpPacketSize ?? 0)
      self.queue = BatchQueue(parameters, environment: environment, release: { await sender.close() }) { batch in
        try await sender.send(StatsdPackets.datagrams(batch, size: size))
      }
    }
  }

  public func log(_ context: RequestContext) throws {
    let status = Int(context.response.status)
    if let ranges, !ranges.contains(where: { $0.contains(status) }) { return }
    let lines = self.lines.lines(context)
    if !lines.isEmpty { self.queue.enqueue(lines) }
  }

  /// `200-299`; nil for one that holds nothing.
  private static func range(_ text: String) -> ClosedRange<Int>? {
    let ends = text.split(separator: "-").compactMap { Int($0) }
    return ends.count == 2 && ends[0] <= ends[1] ? ends[0]...ends[1] : nil
  }

  /// This machine's name, with `_` for dots.
  private static let hostname: String = {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, 255) == 0 else { return "localhost" }
    let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return StatsdLines.part(text)
  }()
}

/// How lines travel.
enum StatsdPackets {
  /// Every line with its end.
  static func stream(_ batch: [[UInt8]]) -> [UInt8] {
    var bytes: [UInt8] = []
    for lines in batch {
      bytes += lines
      bytes.append(UInt8(ascii: "\n"))
    }
    return bytes
  }

  /// A line each, or as many as fit into `size` bytes; a longer one goes by itself.
  static func datagrams(_ batch: [[UInt8]], size: Int) -> [[UInt8]] {
    let lines = batch.flatMap { $0.split(separator: UInt8(ascii: "\n")) }
    guard size > 0 else { return lines.map(Array.init) }
    var datagrams: [[UInt8]] = []
    var datagram: [UInt8] = []
    for line in lines {
      if !datagram.isEmpty, datagram.count + 1 + line.count > size {
        datagrams.append(datagram)
        datagram = []
      }
      if !datagram.isEmpty { datagram.append(UInt8(ascii: "\n")) }
      datagram += line
    }
    if !datagram.isEmpty { datagrams.append(datagram) }
    return datagrams
  }
}
