// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonPluginAPI
internal import NIOCore
internal import NIOPosix

/// Sends datagrams to a log server. The name is resolved now and then.
actor UDPSender {
  private let target: LogTarget
  private let resolver = BlockingQueue("resolve")
  private var channel: (any Channel)?
  private var address: SocketAddress?
  private var resolvedAt: NIODeadline?

  /// How long an address is used before it is asked for again.
  private static let addressTime = TimeAmount.seconds(60)
  /// Datagrams handed to the kernel at once.
  private static let group = 64

  init(_ target: LogTarget) { self.target = target }

  /// - Throws: `SendFailure` when nothing can be sent, `BatchLoss` when some of them cannot.
  func send(_ datagrams: [[UInt8]]) async throws {
    let (channel, address) = try await self.ready()
    var lost = 0
    var reason = ""
    var rest = datagrams[...]
    while !rest.isEmpty {
      let writes = rest.prefix(Self.group).map { datagram in
        channel.write(AddressedEnvelope(remoteAddress: address, data: ByteBuffer(bytes: datagram)))
      }
      rest = rest.dropFirst(Self.group)
      channel.flush()
      for write in writes {
        do {
          try await write.get()
        } catch {
          lost += 1
          reason = SendFailure("could not send data to \(self.target.words)", error).description
        }
      }
    }
    guard lost > 0 else { return }
    self.close()
    throw BatchLoss(entries: lost, reason: reason)
  }

  func close() {
    self.channel?.close(promise: nil)
    self.channel = nil
    self.address = nil
  }

  private func ready() async throws -> (any Channel, SocketAddress) {
    if let channel, let address, let resolvedAt, channel.isActive, NIODeadline.now() - resolvedAt < Self.addressTime {
      return (channel, address)
    }
    self.close()
    let target = self.target
    do {
      let address = try await self.resolver.run {
        try SocketAddress.makeAddressResolvingHost(target.host, port: target.port)
      }
      let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(DroppingDatagramHandler())
          }
        }
        .bind(host: address.protocol == .inet6 ? "::" : "0.0.0.0", port: 0).get()
      self.channel = channel
      self.address = address
      self.resolvedAt = .now()
      return (channel, address)
    } catch {
      throw SendFailure("could not connect to \(target.words)", error)
    }
  }
}

/// Nobody answers to logs; an error of one datagram is told where it was sent.
private final class DroppingDatagramHandler: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
  func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
