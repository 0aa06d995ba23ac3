// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Where a log goes.
struct LogTarget: Sendable, Hashable {
  var host: String
  var port: Int
  /// Milliseconds to connect, and to send.
  var timeout: Double = 10_000
  /// Milliseconds an unused connection is kept.
  var keepalive: Double = 60_000

  var words: String { "\(self.host):\(self.port)" }

  /// At least a millisecond, at most a day.
  static func amount(_ milliseconds: Double) -> TimeAmount {
    .milliseconds(milliseconds.isFinite ? Int64(max(1, min(milliseconds, 86_400_000))) : 86_400_000)
  }
}

/// One connection to a log server, made when there is something to send, kept while it is used, and given up when it
/// breaks. What the server says is dropped.
actor TCPSender {
  private let target: LogTarget
  private let tls: NIOSSLContext?
  private let serverName: String?
  private var channel: (any Channel)?
  private var idle: Scheduled<Void>?

  /// - Parameters:
  ///   - tls: nil sends plain text.
  ///   - serverName: to name in the TLS handshake.
  init(_ target: LogTarget, tls: NIOSSLContext? = nil, serverName: String? = nil) {
    self.target = target
    self.tls = tls
    // An address is no server name (RFC 6066 section 3).
    self.serverName = serverName.flatMap { name in
      (try? SocketAddress(ipAddress: name, port: 0)) == nil && !name.isEmpty ? name : nil
    }
  }

  /// TLS to a server whose certificate nobody checks, as in Kong.
  static func unverifiedTLS() throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateVerification = .none
    return try NIOSSLContext(configuration: configuration)
  }

  /// - Throws: `SendFailure`; some of the bytes may have arrived.
  func send(_ bytes: [UInt8]) async throws {
    let channel = try await self.connected()
    let timeout = channel.eventLoop.scheduleTask(in: LogTarget.amount(self.target.timeout)) {
      channel.close(promise: nil)
    }
    defer { timeout.cancel() }
    do {
      try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    } catch {
      self.close()
      throw SendFailure("failed to send data to \(self.target.words)", error)
    }
    self.idle = channel.eventLoop.scheduleTask(in: LogTarget.amount(self.target.keepalive)) {
      channel.close(promise: nil)
    }
  }

  func close() {
    self.idle?.cancel()
    self.channel?.close(promise: nil)
    self.channel = nil
  }

  private func connected() async throws -> any Channel {
    self.idle?.cancel()
    if let channel, channel.isActive { return channel }
    self.channel = nil
    let (tls, serverName) = (self.tls, self.serverName)
    let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(LogTarget.amount(self.target.timeout))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(
              NIOSSLClientHandler(context: tls, serverHostname: serverName))
          }
          try channel.pipeline.syncOperations.addHandler(DroppingHandler())
        }
      }
    do {
      let channel = try await bootstrap.connect(host: self.target.host, port: self.target.port).get()
      self.channel = channel
      return channel
    } catch {
      throw SendFailure("failed to connect to \(self.target.words)", error)
    }
  }
}

/// Drops what a log server says, and closes when it does.
final class DroppingHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
