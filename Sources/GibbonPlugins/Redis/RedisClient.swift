// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Synchronization

/// A Redis, reached over one connection that is opened when it is first needed and again after it broke.
actor RedisClient {
  private let settings: RedisSettings
  private var connection: RedisConnection?
  private var opening: Task<RedisConnection, any Error>?
  /// After a failure nobody tries again before this.
  private var closedUntil: ContinuousClock.Instant?
  private var lastFailure = ""

  private static let pause = Duration.milliseconds(500)

  init(_ settings: RedisSettings) { self.settings = settings }

  /// Runs commands together.
  ///
  /// - Throws: when Redis cannot be reached or answers one of them with an error.
  func run(_ commands: [[String]]) async throws -> [RESPValue] {
    let connection = try await self.open()
    do {
      let values = try await connection.send(commands)
      for case .error(let message) in values { throw RESPError("redis: \(message)") }
      return values
    } catch {
      if !connection.isOpen, self.connection === connection { self.connection = nil }
      throw error
    }
  }

  private func open() async throws -> RedisConnection {
    if let connection, connection.isOpen { return connection }
    if let opening { return try await opening.value }
    if let closedUntil, ContinuousClock.now < closedUntil { throw RESPError(self.lastFailure) }
    let settings = self.settings
    let task = Task { try await RedisConnection.open(settings) }
    self.opening = task
    defer { self.opening = nil }
    do {
      let connection = try await task.value
      self.connection = connection
      self.closedUntil = nil
      return connection
    } catch {
      self.lastFailure = "redis \(settings.host ?? ""):\(settings.port ?? 6379) cannot be reached: \(error)"
      self.closedUntil = ContinuousClock.now + Self.pause
      throw RESPError(self.lastFailure)
    }
  }
}

/// The clients of this node: plugins with the same settings share one.
enum RedisClients {
  private static let clients = Mutex<[RedisSettings: RedisClient]>([:])

  static func client(for settings: RedisSettings) -> RedisClient {
    self.clients.withLock { clients in
      if let known = clients[settings] { return known }
      let client = RedisClient(settings)
      clients[settings] = client
      return client
    }
  }
}
