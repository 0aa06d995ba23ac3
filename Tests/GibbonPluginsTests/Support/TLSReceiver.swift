// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import NIOCore
import NIOPosix
import NIOSSL

/// A TLS server that keeps what it reads.
final class TLSReceiver: Sendable {
  private let channel: any Channel
  private let texts: AsyncStream<String>

  /// - Parameter reply: sent once a text ends with a brace.
  init(reply: String? = nil) async throws {
    let (texts, continuation) = AsyncStream.makeStream(of: String.self)
    self.texts = texts
    let certificate = try NIOSSLCertificate(bytes: Array(TestCertificates.first.certificate.utf8), format: .pem)
    let configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: [.certificate(certificate)],
      privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(TestCertificates.first.key.utf8), format: .pem)))
    let context = try NIOSSLContext(configuration: configuration)
    self.channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
          try channel.pipeline.syncOperations.addHandler(Handler(continuation, reply: reply))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
  }

  var port: Int { self.channel.localAddress?.port ?? 0 }

  /// What a client has said, once it ends so.
  func text(endingWith end: String) async throws -> String {
    for await text in self.texts where text.hasSuffix(end) { return text }
    throw HarnessError(.closed, "the text did not come")
  }

  func close() async throws { try await self.channel.close() }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let continuation: AsyncStream<String>.Continuation
    private let reply: String?
    private var text = ""

    init(_ continuation: AsyncStream<String>.Continuation, reply: String?) {
      self.continuation = continuation
      self.reply = reply
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      self.text += String(buffer: self.unwrapInboundIn(data))
      if let reply, self.text.hasSuffix("}") {
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: reply)), promise: nil)
      }
      self.continuation.yield(self.text)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      self.continuation.finish()
      context.close(promise: nil)
    }
  }
}
