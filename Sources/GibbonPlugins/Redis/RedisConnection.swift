// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// One connection to a Redis: commands go out as they come, answers come back in their order.
final class RedisConnection: Sendable {
  private let channel: any Channel
  private let settings: RedisSettings
  /// nil for plain text.
  let tls: NIOSSLContext?
  private static let defaultTimeout = 2000

  private init(_ channel: any Channel, _ settings: RedisSettings, _ tls: NIOSSLContext?) {
    self.channel = channel
    self.settings = settings
    self.tls = tls
  }

  var isOpen: Bool { self.channel.isActive }

  func close() { self.channel.close(promise: nil) }

  /// Connects, and says who we are where that is asked for.
  static func open(_ settings: RedisSettings, tls: NIOSSLContext?) async throws -> RedisConnection {
    let name = settings.serverName ?? settings.host ?? ""
    // An address is no server name (RFC 6066 section 3).
    let isName = !name.isEmpty && (try? SocketAddress(ipAddress: name, port: 0)) == nil
    let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(.milliseconds(Int64(settings.timeout ?? Self.defaultTimeout)))
      .channelOption(.socketOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(
              NIOSSLClientHandler(context: tls, serverHostname: isName ? name : nil))
          }
          try channel.pipeline.syncOperations.addHandler(RedisHandler())
        }
      }
    let channel = try await bootstrap.connect(host: settings.host ?? "127.0.0.1", port: settings.port ?? 6379).get()
    let connection = RedisConnection(channel, settings, tls)
    do {
      try await connection.greet()
    } catch {
      connection.close()
      throw error
    }
    return connection
  }

  private func greet() async throws {
    var commands: [[String]] = []
    if let password = self.settings.password, !password.isEmpty {
      commands.append(["AUTH"] + (self.settings.username.map { [$0] } ?? []) + [password])
    }
    if let database = self.settings.database, database != 0 { commands.append(["SELECT", "\(database)"]) }
    if commands.isEmpty { return }
    for case .error(let message) in try await self.send(commands) { throw RESPError(message) }
  }

  /// Sends commands together and waits for all their answers.
  ///
  /// - Throws: when the connection ends first or the answers take too long; it is closed then.
  func send(_ commands: [[String]]) async throws -> [RESPValue] {
    let promise = self.channel.eventLoop.makePromise(of: [RESPValue].self)
    let request = RedisRequest(
      bytes: commands.flatMap(RESPParser.command), count: commands.count, promise: promise)
    // A channel that has closed meanwhile hands nothing to the handler, which would fail the request.
    let written = self.channel.eventLoop.makePromise(of: Void.self)
    written.futureResult.whenFailure { promise.fail($0) }
    self.channel.writeAndFlush(request, promise: written)
    let channel = self.channel
    // Answers that come later would be taken for those of the next commands.
    let timeout = channel.eventLoop.scheduleTask(
      in: .milliseconds(Int64(self.settings.timeout ?? Self.defaultTimeout))
    ) {
      promise.fail(RESPError("timeout"))
      channel.close(promise: nil)
    }
    defer { timeout.cancel() }
    return try await promise.futureResult.get()
  }
}

/// Commands that leave together.
struct RedisRequest: Sendable {
  let bytes: [UInt8]
  let count: Int
  let promise: EventLoopPromise<[RESPValue]>
}

/// Matches answers to requests.
final class RedisHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = Never
  typealias OutboundIn = RedisRequest
  typealias OutboundOut = ByteBuffer

  private var parser = RESPParser()
  /// Why the connection ended: for requests that come after that.
  private var failure: (any Error)?
  private var waiting: [(left: Int, values: [RESPValue], promise: EventLoopPromise<[RESPValue]>)] = []
  /// Requests without an answer, at most; beyond that the server is too slow to be asked.
  private static let waitingLimit = 10_000

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let request = self.unwrapOutboundIn(data)
    guard context.channel.isActive, self.waiting.count < Self.waitingLimit else {
      let reason = self.failure ?? RESPError("the connection is closed or too slow")
      promise?.fail(reason)
      return request.promise.fail(reason)
    }
    self.waiting.append((request.count, [], request.promise))
    context.write(self.wrapOutboundOut(context.channel.allocator.buffer(bytes: request.bytes)), promise: promise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    self.parser.append(self.unwrapInboundIn(data).readableBytesView)
    do {
      while let value = try self.parser.next() { try self.take(value) }
    } catch {
      self.failAll(error)
      context.close(promise: nil)
    }
  }

  private func take(_ value: RESPValue) throws {
    guard !self.waiting.isEmpty else { throw RESPError("an answer that nobody asked for") }
    self.waiting[0].values.append(value)
    self.waiting[0].left -= 1
    guard self.waiting[0].left == 0 else { return }
    let done = self.waiting.removeFirst()
    done.promise.succeed(done.values)
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.failAll(RESPError("the connection was closed"))
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    self.failAll(error)
    context.close(promise: nil)
  }

  private func failAll(_ error: any Error) {
    if self.failure == nil { self.failure = error }
    let failed = self.waiting
    self.waiting = []
    for request in failed { request.promise.fail(error) }
  }
}
