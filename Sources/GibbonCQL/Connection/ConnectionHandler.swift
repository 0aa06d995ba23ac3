// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import NIOCore

/// A request on its way to the event loop of its connection.
struct OutgoingRequest: Sendable {
  let opcode: Opcode
  let body: [UInt8]
  let version: CQLVersion
  let deadline: NIODeadline
  let promise: EventLoopPromise<Response>
}

/// Puts requests on streams and hands out answers. Lives on the event loop of its connection.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private final class Waiting {
    let promise: EventLoopPromise<Response>
    var timer: Scheduled<Void>?
    init(_ promise: EventLoopPromise<Response>) { self.promise = promise }
  }

  /// Requests that wait for a stream, at most.
  private static let queueLimit = 2048
  /// Answers that did not come, at most: beyond, the connection is not worth keeping.
  private static let abandonedLimit = 512
  /// How long a node may take to say that it lives.
  private static let probeTime = TimeAmount.seconds(2)

  private var codec = FrameCodec()
  private var streams = StreamTable<Waiting>()
  private var queue = CircularBuffer<OutgoingRequest>()
  private var context: ChannelHandlerContext?
  private var version = CQLVersion.v4
  private var isProbing = false
  private let onEvent: @Sendable (ServerEvent) -> Void
  private let onClose: @Sendable () -> Void

  init(onEvent: @escaping @Sendable (ServerEvent) -> Void, onClose: @escaping @Sendable () -> Void) {
    self.onEvent = onEvent
    self.onClose = onClose
  }

  /// Whether nothing is under way.
  var isIdle: Bool { self.streams.isEmpty && self.queue.isEmpty }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func submit(_ request: OutgoingRequest) {
    guard let context, context.channel.isActive else {
      return request.promise.fail(RequestFailure.notSent("the connection is closed"))
    }
    guard request.deadline > .now() else { return request.promise.fail(RequestFailure.notSent("no time is left")) }
    if self.send(request, context) { return }
    guard self.queue.count < Self.queueLimit else {
      return request.promise.fail(RequestFailure.notSent("too many requests are under way"))
    }
    self.queue.append(request)
  }

  /// False when no stream is free.
  private func send(_ request: OutgoingRequest, _ context: ChannelHandlerContext) -> Bool {
    let waiting = Waiting(request.promise)
    guard let stream = self.streams.add(waiting) else { return false }
    self.version = request.version
    waiting.timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: request.deadline) {
      self.timedOut(stream)
    }
    let envelope = Envelope(
      version: request.version.rawValue, isResponse: false, stream: stream, opcode: request.opcode.rawValue,
      body: request.body)
    let bytes = self.codec.encode(envelope)
    context.writeAndFlush(self.wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
    return true
  }

  private func timedOut(_ stream: Int16) {
    self.streams.abandon(stream)?.promise.fail(RequestFailure.timedOut)
    if self.streams.abandonedCount > Self.abandonedLimit { return self.close() }
    self.probe()
  }

  /// Asks for a sign of life after a request got no answer: a node that is gone must not keep the connection.
  private func probe() {
    guard let context, !self.isProbing else { return }
    self.isProbing = true
    let promise = context.eventLoop.makePromise(of: Response.self)
    promise.futureResult.assumeIsolated().whenComplete { result in
      self.isProbing = false
      if case .failure = result { self.close() }
    }
    self.submit(
      OutgoingRequest(
        opcode: .options, body: [], version: self.version, deadline: .now() + Self.probeTime, promise: promise))
  }

  private func close() { self.context?.close(promise: nil) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    self.codec.append(self.unwrapInboundIn(data).readableBytesView)
    do throws(CQLError) {
      while let envelope = try self.codec.next() { try self.take(envelope) }
    } catch {
      if case .malformed(let words) = error { self.failAll(.malformed(words)) }
      return context.close(promise: nil)
    }
    while let next = self.queue.first {
      if next.deadline <= .now() {
        next.promise.fail(RequestFailure.notSent("no stream was free in time"))
      } else if !self.send(next, context) {
        break
      }
      self.queue.removeFirst()
    }
  }

  private func take(_ envelope: Envelope) throws(CQLError) {
    if envelope.opcode == Opcode.event.rawValue {
      if case .event(let event) = try Response(envelope) { self.onEvent(event) }
      return
    }
    switch self.streams.answer(envelope.stream) {
    case .toNobody: break
    case .to(let waiting):
      waiting.timer?.cancel()
      do throws(CQLError) {
        waiting.promise.succeed(try Response(envelope))
      } catch {
        waiting.promise.fail(RequestFailure.malformed("\(error)"))
        throw error
      }
    case .unknown:
      // Some errors come on stream 0, whatever was asked: the server has lost its way.
      if case .error(let error) = try Response(envelope) {
        throw .malformed("an error that belongs to no request: \(error.message)")
      }
      throw .malformed("an answer that nobody asked for")
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.failAll(.lost("the connection was closed"))
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    self.failAll(.lost(ConnectionWords.words(error)))
    context.close(promise: nil)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.failAll(.lost("the connection was closed"))
    self.context = nil
    self.onClose()
  }

  private func failAll(_ failure: RequestFailure) {
    let queued = self.queue
    self.queue.removeAll()
    for waiting in self.streams.removeAll() {
      waiting.timer?.cancel()
      waiting.promise.fail(failure)
    }
    for request in queued { request.promise.fail(RequestFailure.notSent("the connection was closed")) }
  }
}
