// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI

/// `http-log`: JSON to an HTTP server for each request, in batches when asked.
public final class HTTPLogPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var httpEndpoint: String
    var method: String?
    var contentType: String?
    var timeout: Double?
    var keepalive: Double?
    var retryCount: Int?
    var queueSize: Int?
    var flushTimeout: Double?
    var headers: [String: String]?
    var queue: QueueParameters
    var customFieldsByLua: [String: String]?
  }

  private let fields: CustomFields
  private let queue: BatchQueue

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.fields = CustomFields(configuration.customFieldsByLua)
    let legacy = LegacyQueueParameters(
      retryCount: configuration.retryCount, queueSize: configuration.queueSize,
      flushTimeout: configuration.flushTimeout)
    for warning in legacy.warnings { environment.report(.warn, warning) }
    let parameters = legacy.applied(to: configuration.queue)
    let sender = HTTPSender(
      try LogEndpoint(configuration.httpEndpoint), method: configuration.method ?? "POST",
      headers: Self.headers(configuration), timeout: configuration.timeout ?? 10_000,
      keepalive: configuration.keepalive ?? 60_000)
    let isArray = parameters.maxBatchSize > 1
    self.queue = BatchQueue(parameters, environment: environment, release: { await sender.close() }) { batch in
      try await sender.send(isArray ? Self.array(batch) : Array(batch.joined()))
    }
  }

  public func log(_ context: RequestContext) throws { self.queue.enqueue(self.fields.line(context)) }

  private static func headers(_ configuration: Configuration) -> [(String, String)] {
    [("Content-Type", configuration.contentType ?? "application/json")]
      + (configuration.headers ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// `[…,…]`
  static func array(_ batch: [[UInt8]]) -> [UInt8] {
    var bytes = [UInt8(ascii: "[")]
    bytes.reserveCapacity(batch.reduce(1) { $0 + $1.count + 1 })
    for (place, entry) in batch.enumerated() {
      if place > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes += entry
    }
    bytes.append(UInt8(ascii: "]"))
    return bytes
  }
}
