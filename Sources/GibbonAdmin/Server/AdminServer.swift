// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import HummingbirdCore
internal import Logging
internal import NIOPosix
internal import ServiceLifecycle
internal import Synchronization

/// Serves an API over HTTP/1.1 on one address, with or without TLS.
public final class AdminServer: Sendable {
  private let group: ServiceGroup
  private let ending: Mutex<Task<Void, any Error>?>

  /// Where to listen.
  public enum Address: Sendable, Hashable {
    case host(String, port: Int)
    case unix(path: String)

    /// The host, where it is one.
    var name: String? {
      if case .host(let name, _) = self { name.utf8.contains(UInt8(ascii: ":")) ? "[\(name)]" : name } else { nil }
    }

    /// Whether other machines can reach all of it: the address stands for any.
    var isOpen: Bool {
      guard case .host(let name, _) = self, let address = IPAddress(name) else { return false }
      return address.low == 0 && address.high == 0
    }
  }

  /// Opens the address and serves until `stop()`.
  ///
  /// - Parameters:
  ///   - tls: nil: without TLS.
  ///   - logging: told of each request that was answered.
  /// - Throws: `AdminListenError` when the address cannot be opened.
  public static func start(
    _ api: AdminAPI, facts: NodeFacts, on address: Address, backlog: Int = 256, tls: AdminTLS? = nil,
    logging: (@Sendable (AdminAccessRecord) -> Void)? = nil
  ) async throws -> AdminServer {
    let policy = AccessPolicy(origins: facts.allowedOrigins, hosts: facts.allowedHosts, ownName: address.name)
    let limits = facts.serverLimits
    let channel = AdminChannel(
      service: AdminService(api: api, facts: facts, policy: policy, logging: logging), limits: limits,
      budget: BodyBudget(bytes: limits.sharedBodyBytes), table: ConnectionTable(limit: limits.connections),
      isOpen: address.isOpen, tls: tls)
    let opened = AsyncStream<Void>.makeStream()
    var logger = Logger(label: "gibbon.admin")
    logger.logLevel = .critical
    let bind: BindAddress =
      switch address {
      case .host(let name, let port): .hostname(name, port: port)
      case .unix(let path): .unixDomainSocket(path: path)
      }
    let server = channel.server(
      configuration: ServerConfiguration(address: bind, backlog: backlog),
      onServerRunning: { _ in opened.continuation.yield() }, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
      logger: logger)
    let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
    let task = Task {
      // The stream ends with the server: whoever waits for it to open is told either way.
      defer { opened.continuation.finish() }
      try await group.run()
    }
    for await _ in opened.stream { return AdminServer(group, task) }
    do {
      try await task.value
    } catch {
      throw AdminListenError(error) ?? error
    }
    throw CancellationError()
  }

  private init(_ group: ServiceGroup, _ task: Task<Void, any Error>) {
    self.group = group
    self.ending = Mutex(task)
  }

  /// Lets requests under way finish, then closes.
  ///
  /// - Parameter seconds: after which those that have not finished are cut off.
  public func stop(withinSeconds seconds: Double = 60) async {
    let task = self.ending.withLock { $0.take() }
    await self.group.triggerGracefulShutdown()
    let cut = Task {
      try await Task.sleep(for: .seconds(seconds))
      task?.cancel()
    }
    _ = try? await task?.value
    cut.cancel()
  }
}

/// One line of the access log.
public struct AdminAccessRecord: Sendable {
  public let client: String
  public let method: String
  /// Path and query as sent.
  public let target: String
  public let status: Int
  /// Of the answer's body.
  public let bytes: Int
  public let userAgent: String
}
