// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Hummingbird
internal import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import Synchronization

/// Serves an API over HTTP/1.1 on one address.
public final class AdminServer: Sendable {
  private let group: ServiceGroup
  private let ending: Mutex<Task<Void, any Error>?>

  /// Where to listen.
  public enum Address: Sendable, Hashable {
    case host(String, port: Int)
    case unix(path: String)
  }

  /// Opens the address and serves until `stop()`.
  ///
  /// - Parameter logging: told of each request that was answered.
  /// - Throws: `AdminListenError` when the address cannot be opened.
  public static func start(
    _ api: AdminAPI, facts: NodeFacts, on address: Address, backlog: Int = 256,
    logging: (@Sendable (AdminAccessRecord) -> Void)? = nil
  ) async throws -> AdminServer {
    let opened = AsyncStream<Void>.makeStream()
    var logger = Logger(label: "gibbon.admin")
    logger.logLevel = .critical
    let bind: BindAddress =
      switch address {
      case .host(let name, let port): .hostname(name, port: port)
      case .unix(let path): .unixDomainSocket(path: path)
      }
    let application = Application(
      responder: AdminResponder(api: api, facts: facts, logging: logging),
      configuration: ApplicationConfiguration(address: bind, backlog: backlog),
      onServerRunning: { _ in opened.continuation.yield() }, logger: logger)
    let group = ServiceGroup(configuration: .init(services: [application], logger: logger))
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
