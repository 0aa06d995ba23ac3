// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonPluginAPI
internal import NIOSSL
internal import Synchronization

/// A Redis, reached over one connection that is opened when it is first needed and again after it broke.
actor RedisClient {
  private let settings: RedisSettings
  private let trust: TrustedAuthorities
  private var connection: RedisConnection?
  private var opening: Task<RedisConnection, any Error>?
  /// Made once: reading all authorities of a system takes its time.
  private var tls: NIOSSLContext?
  /// After a failure nobody tries again before this.
  private var closedUntil: ContinuousClock.Instant?
  private var lastFailure = ""

  private static let pause = Duration.milliseconds(500)

  init(_ settings: RedisSettings, trust: TrustedAuthorities = TrustedAuthorities()) {
    self.settings = settings
    self.trust = trust
  }

  /// Runs commands together.
  ///
  /// - Throws: `SendFailure`, which names the server, when Redis cannot be reached or answers one of them with an error.
  func run(_ commands: [[String]]) async throws -> [RESPValue] {
    let connection = try await self.open()
    do {
      let values = try await connection.send(commands)
      for case .error(let message) in values { throw RESPError(message) }
      return values
    } catch {
      if !connection.isOpen, self.connection === connection { self.connection = nil }
      throw SendFailure(self.settings.words, error)
    }
  }

  private func open() async throws -> RedisConnection {
    if let connection, connection.isOpen { return connection }
    if let opening { return try await opening.value }
    if let closedUntil, ContinuousClock.now < closedUntil { throw SendFailure(self.lastFailure) }
    let (settings, trust, known) = (self.settings, self.trust, self.tls)
    let task = Task { () throws -> RedisConnection in
      let tls = settings.ssl == true ? try known ?? trust.context(verifies: settings.sslVerify == true) : nil
      do {
        return try await RedisConnection.open(settings, tls: tls)
      } catch {
        throw SendFailure("\(settings.words) cannot be reached", error)
      }
    }
    self.opening = task
    defer { self.opening = nil }
    do {
      let connection = try await task.value
      self.connection = connection
      self.tls = connection.tls
      self.closedUntil = nil
      return connection
    } catch {
      self.lastFailure = "\(error)"
      self.closedUntil = ContinuousClock.now + Self.pause
      throw error
    }
  }
}

/// The clients of this node: plugins with the same settings share one, for as long as one of them uses it.
enum RedisClients {
  private struct Key: Hashable {
    let settings: RedisSettings
    let trust: TrustedAuthorities
  }

  private struct Held {
    weak var client: RedisClient?
  }

  private static let clients = Mutex<[Key: Held]>([:])

  static func client(for settings: RedisSettings, trust: TrustedAuthorities) -> RedisClient {
    let key = Key(settings: settings, trust: trust)
    return self.clients.withLock { clients in
      if let known = clients[key]?.client { return known }
      let client = RedisClient(settings, trust: trust)
      clients = clients.filter { $0.value.client != nil }
      clients[key] = Held(client: client)
      return client
    }
  }
}
