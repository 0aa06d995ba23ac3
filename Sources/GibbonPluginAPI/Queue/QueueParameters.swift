// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonSchema

/// How a queue gathers, repeats and drops: Kong's parameters. Times are seconds.
public struct QueueParameters: Decodable, Sendable, Hashable {
  /// Entries sent together at most.
  public var maxBatchSize: Int
  /// How long the first entry of a batch waits for others.
  public var maxCoalescingDelay: Double
  /// Entries that wait at most; the oldest make room.
  public var maxEntries: Int
  /// Bytes that wait at most; nil leaves it at `QueueState.bytesLimit`.
  public var maxBytes: Int?
  /// A batch that failed is given up after this; below 0 at once.
  public var maxRetryTime: Double
  /// Before the first repetition; doubled with each, up to `maxRetryDelay`.
  public var initialRetryDelay: Double
  public var maxRetryDelay: Double
  /// 1 sends one batch after the other, -1 every entry by itself and many at once.
  public var concurrencyLimit: Int

  /// Kong's defaults.
  public init() {
    self.maxBatchSize = 1
    self.maxCoalescingDelay = 1
    self.maxEntries = 10_000
    self.maxBytes = nil
    self.maxRetryTime = 60
    self.initialRetryDelay = 0.01
    self.maxRetryDelay = 60
    self.concurrencyLimit = 1
  }

  private enum Keys: String, CodingKey {
    case maxBatchSize, maxCoalescingDelay, maxEntries, maxBytes, maxRetryTime, initialRetryDelay, maxRetryDelay
    case concurrencyLimit
  }

  /// What is null has its default.
  public init(from decoder: any Decoder) throws {
    self.init()
    let values = try decoder.container(keyedBy: Keys.self)
    self.maxBatchSize = try values.decodeIfPresent(Int.self, forKey: .maxBatchSize) ?? self.maxBatchSize
    self.maxCoalescingDelay =
      try values.decodeIfPresent(Double.self, forKey: .maxCoalescingDelay) ?? self.maxCoalescingDelay
    self.maxEntries = try values.decodeIfPresent(Int.self, forKey: .maxEntries) ?? self.maxEntries
    self.maxBytes = try values.decodeIfPresent(Int.self, forKey: .maxBytes)
    self.maxRetryTime = try values.decodeIfPresent(Double.self, forKey: .maxRetryTime) ?? self.maxRetryTime
    self.initialRetryDelay =
      try values.decodeIfPresent(Double.self, forKey: .initialRetryDelay) ?? self.initialRetryDelay
    self.maxRetryDelay = try values.decodeIfPresent(Double.self, forKey: .maxRetryDelay) ?? self.maxRetryDelay
    self.concurrencyLimit = try values.decodeIfPresent(Int.self, forKey: .concurrencyLimit) ?? self.concurrencyLimit
  }

  /// For logs that are sent at once, and lost when that fails. They are gathered for a tenth of a second: to wake a
  /// sender for each would cost the requests more than writing them does. A batch is small enough to stay in a core's
  /// cache until it is written.
  public static let direct: QueueParameters = {
    var parameters = QueueParameters()
    parameters.maxBatchSize = 256
    parameters.maxCoalescingDelay = 0.1
    parameters.maxRetryTime = -1
    return parameters
  }()

  /// The field `queue` of a plugin's configuration.
  public static let field: Field = .record(
    "queue",
    [
      .integer("max_batch_size", .default(1), .between(1, 1_000_000)),
      .number("max_coalescing_delay", .default(1), .between(0, 3600)),
      .integer("max_entries", .default(10_000), .between(1, 1_000_000)),
      .integer("max_bytes"),
      .number("max_retry_time", .default(60)),
      .number("initial_retry_delay", .default(0.01), .between(0.001, 1_000_000)),
      .number("max_retry_delay", .default(60), .between(0.001, 1_000_000)),
      .integer("concurrency_limit", .default(1), .oneOf(-1, 1)),
    ])
}

/// The fields that stood in the place of `queue` before Kong 3.3. They count when they differ from what was their
/// default then.
public struct LegacyQueueParameters: Sendable, Hashable {
  private let retryCount: Int?
  private let queueSize: Int?
  private let flushTimeout: Double?

  public init(retryCount: Int?, queueSize: Int?, flushTimeout: Double?) {
    self.retryCount = retryCount
    self.queueSize = queueSize
    self.flushTimeout = flushTimeout
  }

  /// The fields, for the configuration of a plugin.
  public static func fields(of plugin: String) -> [Field] {
    [
      .integer(
        "retry_count",
        .deprecated(
          "\(plugin): config.retry_count no longer works, please use config.queue.max_retry_time instead",
          oldDefault: 10)),
      .integer(
        "queue_size",
        .deprecated(
          "\(plugin): config.queue_size is deprecated, please use config.queue.max_batch_size instead",
          oldDefault: 1)),
      .number(
        "flush_timeout",
        .deprecated(
          "\(plugin): config.flush_timeout is deprecated, please use config.queue.max_coalescing_delay instead",
          oldDefault: 2)),
    ]
  }

  /// The parameters with what these fields change of them.
  public func applied(to parameters: QueueParameters) -> QueueParameters {
    var parameters = parameters
    if let queueSize, queueSize != 1 { parameters.maxBatchSize = max(1, queueSize) }
    if let flushTimeout, flushTimeout != 2 { parameters.maxCoalescingDelay = max(0, flushTimeout) }
    return parameters
  }

  /// What to say of those that are used.
  public var warnings: [String] {
    var warnings: [String] = []
    if let retryCount, retryCount != 10 {
      warnings.append(
        "the retry_count parameter no longer works, please update your configuration to use "
          + "initial_retry_delay and max_retry_time instead")
    }
    if let queueSize, queueSize != 1 {
      warnings.append(
        "the queue_size parameter is deprecated, please update your configuration to use queue.max_batch_size instead")
    }
    if let flushTimeout, flushTimeout != 2 {
      warnings.append(
        "the flush_timeout parameter is deprecated, please update your configuration to use "
          + "queue.max_coalescing_delay instead")
    }
    return warnings
  }
}
