// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonHTTP1
internal import NIOCore

/// One connection of a client, one request at a time: reads a head and its content within their limits, has them
/// answered, writes the answer as fast as the client takes it, and begins again.
///
/// Confined to its event loop.
final class AdminConnection: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  enum Phase {
    /// Nothing of a request has arrived.
    case idle
    case head
    /// A body waits for room; the ticket of its place in line.
    case waiting(BodyBudget.Ticket)
    case body
    case answering
    case writing
    /// The last response is out; what still arrives is dropped, so that it is not lost by a reset.
    case lingering
    case closed
  }

  private let service: AdminService
  private let limits: ServerLimits
  private let budget: BodyBudget
  private let table: ConnectionTable
  /// Whether the address is open to other machines too.
  private let isOpen: Bool
  private var isOnLoopback = false
  private var client = "unix:"

  private var phase = Phase.idle
  private var reader: RequestReader
  /// The request that is read or answered.
  private var head: ReceivedHead?
  private var start = ContinuousClock.now
  /// Bytes taken of the budget.
  private var reserved = 0
  /// The response, and where what is left of it begins.
  private var response: (bytes: [UInt8], offset: Int) = ([], 0)
  private var isLast = false

  private var context: ChannelHandlerContext?
  private var number: ConnectionTable.Number?
  private var isReadHeld = false
  private var isQuiescing = false
  private var deadline: NIODeadline?
  /// When the whole of the body or response must be through, however steadily it moves.
  private var lastDeadline: NIODeadline?
  private var timer: (task: Scheduled<Void>, time: NIODeadline)?

  init(
    _ service: AdminService, _ limits: ServerLimits, _ budget: BodyBudget, _ table: ConnectionTable, isOpen: Bool
  ) {
    self.service = service
    self.limits = limits
    self.budget = budget
    self.table = table
    self.isOpen = isOpen
    self.reader = RequestReader(bodyLimit: limits.bodyBytes)
  }

  // MARK: The channel

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    let channel = context.channel
    self.isOnLoopback = !self.isOpen && channel.localAddress?.isLoopback == true
    if let address = channel.remoteAddress?.ipAddress { self.client = address }
    self.number = self.table.admit(at: .now()) { channel.close(mode: .all, promise: nil) }
    self.enter(.idle, timeout: self.limits.headTimeout)
    if self.number == nil { self.finish(ErrorPage.response(503), isLast: true) }
  }

  func handlerRemoved(context: ChannelHandlerContext) { self.ended() }
  func channelInactive(context: ChannelHandlerContext) { self.ended() }
  func errorCaught(context: ChannelHandlerContext, error: any Error) { self.close() }

  private func ended() {
    if case .waiting(let ticket) = self.phase, self.budget.leave(ticket) { self.reserved = 0 }
    if self.reserved > 0 { self.budget.giveBack(self.reserved) }
    self.reserved = 0
    self.phase = .closed
    self.timer?.task.cancel()
    self.timer = nil
    self.response = ([], 0)
    self.reader = RequestReader(bodyLimit: 0)
    if let number = self.number { self.table.remove(number) }
    self.number = nil
    self.context = nil
  }

  func read(context: ChannelHandlerContext) {
    if self.wantsBytes { context.read() } else { self.isReadHeld = true }
  }

  private var wantsBytes: Bool {
    switch self.phase {
    case .idle, .head, .body, .lingering: true
    case .waiting, .answering, .writing, .closed: false
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .lingering = self.phase { return }
    self.reader.append(self.unwrapInboundIn(data).readableBytesView)
    self.advance()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case ChannelEvent.inputClosed:
      // A client may close its side when its request is out.
      switch self.phase {
      case .answering, .writing: self.isLast = true
      default: self.close()
      }
    case is ChannelShouldQuiesceEvent:
      self.isQuiescing = true
      switch self.phase {
      case .idle: self.close()
      case .head, .body, .waiting: self.expire(after: ServerLimits.lingerTimeout)
      default: break
      }
    default: break
    }
  }

  private func close() {
    if case .closed = self.phase { return }
    self.context?.close(promise: nil)
  }

  // MARK: Phases and their time

  /// - Parameter whole: the time for all of it, pauses included.
  private func enter(_ phase: Phase, timeout: Duration?, whole: Duration? = nil) {
    self.phase = phase
    self.lastDeadline = whole.map { .after($0) }
    self.note(timeout)
    if self.isReadHeld, self.wantsBytes {
      self.isReadHeld = false
      self.context?.read()
    }
  }

  /// Something was sent or taken: the pause begins anew.
  private func note(_ timeout: Duration?) {
    if let number = self.number { self.table.note(number, waitingSince: timeout == nil ? nil : .now()) }
    if let timeout { self.expire(after: timeout) } else { self.deadline = nil }
  }

  private func expire(after timeout: Duration) {
    var deadline = NIODeadline.after(timeout)
    if let last = self.lastDeadline { deadline = min(deadline, last) }
    self.deadline = deadline
    if let timer = self.timer {
      if timer.time <= deadline { return }
      timer.task.cancel()
    }
    self.arm(deadline)
  }

  private func arm(_ deadline: NIODeadline) {
    guard let loop = self.context?.eventLoop.assumeIsolated() else { return }
    let task = loop.scheduleTask(deadline: deadline) { self.fire() }
    self.timer = (task, deadline)
  }

  /// A deadline that has moved is looked at again when it comes.
  private func fire() {
    self.timer = nil
    guard let deadline = self.deadline else { return }
    if deadline > .now() {
      self.arm(deadline)
    } else {
      self.expired()
    }
  }

  private func expired() {
    switch self.phase {
    case .head, .body: self.refuse(ErrorPage.response(408))
    case .waiting(let ticket):
      // Just granted: the call is on its way.
      guard self.budget.leave(ticket) else { return }
      self.reserved = 0
      var response = AdminResponse.message("Too many large bodies at a time; send this one again", status: 503)
      response.headers.append(("Retry-After", "1"))
      self.refuse(response)
    case .idle, .writing, .lingering: self.close()
    case .answering, .closed: break
    }
  }

  // MARK: Requests

  /// Takes in what has arrived, as far as it goes.
  private func advance() {
    switch self.phase {
    case .idle, .head: self.takeHead()
    case .body: self.takeBody()
    case .waiting, .answering, .writing, .lingering, .closed: break
    }
  }

  private func takeHead() {
    if self.reader.isEmpty { return }
    if case .idle = self.phase {
      self.start = .now
      self.enter(.head, timeout: self.limits.headTimeout)
      if self.isQuiescing { self.expire(after: ServerLimits.lingerTimeout) }
    }
    switch self.reader.nextHead() {
    case .needsMore: break
    case .failed(let error): self.refuse(ErrorPage.response(error))
    case .whole(let head):
      self.head = head
      if let refusal = self.service.refusal(of: head, isOnLoopback: self.isOnLoopback) {
        self.refuse(refusal)
      } else {
        self.began(head)
      }
    }
  }

  /// Makes room for the content of a request.
  private func began(_ head: ReceivedHead) {
    guard case .contentLength(let length) = head.framing else { return self.beginBody() }
    guard length <= UInt64(self.limits.bodyBytes) else { return self.refuse(ErrorPage.response(413)) }
    if length > UInt64(ServerLimits.smallBodyBytes) { self.reserve(Int(length)) } else { self.beginBody() }
  }

  private func reserve(_ bytes: Int) {
    guard let loop = self.context?.eventLoop else { return }
    let connection = NIOLoopBound(self, eventLoop: loop)
    let ticket = self.budget.take(bytes) { loop.execute { connection.value.granted() } }
    self.reserved = bytes
    if let ticket {
      self.enter(.waiting(ticket), timeout: ServerLimits.roomTimeout)
    } else {
      self.beginBody()
    }
  }

  private func granted() {
    guard case .waiting = self.phase else { return }
    self.beginBody()
  }

  private func beginBody() {
    if self.head?.expectsContinue == true, self.reader.isEmpty, self.reader.bodyCount == 0 {
      self.context?.writeAndFlush(
        self.wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
    }
    self.enter(
      .body, timeout: self.limits.bodyTimeout,
      whole: ServerLimits.time(for: self.limits.bodyBytes, pause: self.limits.bodyTimeout))
    self.takeBody()
  }

  private func takeBody() {
    guard let head = self.head else { return }
    switch self.reader.nextBody(head.framing) {
    case .needsMore:
      if self.reserved == 0, self.reader.bodyCount > ServerLimits.smallBodyBytes {
        self.reserve(self.limits.bodyBytes)
      } else {
        self.note(self.limits.bodyTimeout)
      }
    case .tooLarge: self.refuse(ErrorPage.response(413))
    case .failed(let error): self.refuse(ErrorPage.response(error))
    case .whole(let body): self.answer(head, body)
    }
  }

  private func answer(_ head: ReceivedHead, _ body: [UInt8]) {
    guard let loop = self.context?.eventLoop else { return }
    self.enter(.answering, timeout: nil)
    let connection = NIOLoopBound(self, eventLoop: loop)
    let (service, budget, reserved) = (self.service, self.budget, self.reserved)
    self.reserved = 0
    Task {
      let response = await service.respond(to: head, body: body)
      if reserved > 0 { budget.giveBack(reserved) }
      loop.execute { connection.value.finish(response, isLast: !head.isPersistent) }
    }
  }

  /// Answers before the request is read to its end, and ends the connection.
  private func refuse(_ response: AdminResponse) {
    if self.reserved > 0 { self.budget.giveBack(self.reserved) }
    self.reserved = 0
    self.finish(response, isLast: true)
  }

  // MARK: Responses

  private func finish(_ response: AdminResponse, isLast: Bool) {
    if case .closed = self.phase { return }
    self.isLast = self.isLast || isLast || self.isQuiescing
    let bytes = self.service.encoded(
      response, to: self.head, from: self.client, since: self.start, keepsAlive: !self.isLast)
    self.response = (bytes, 0)
    self.enter(
      .writing, timeout: self.limits.sendTimeout,
      whole: ServerLimits.time(for: bytes.count, pause: self.limits.sendTimeout))
    self.writeOn()
  }

  /// Hands the next piece over; the one after it follows when the client has taken this one.
  private func writeOn() {
    guard let context = self.context else { return }
    let end = min(self.response.offset + ServerLimits.writeBytes, self.response.bytes.count)
    let piece = ByteBuffer(bytes: self.response.bytes[self.response.offset..<end])
    self.response.offset = end
    let promise = context.eventLoop.makePromise(of: Void.self)
    promise.futureResult.assumeIsolated().whenComplete { result in
      switch result {
      case .success: self.wrote()
      case .failure: self.close()
      }
    }
    context.writeAndFlush(self.wrapOutboundOut(piece), promise: promise)
  }

  private func wrote() {
    guard case .writing = self.phase else { return }
    if self.response.offset < self.response.bytes.count {
      self.note(self.limits.sendTimeout)
      self.writeOn()
      return
    }
    self.response = ([], 0)
    self.head = nil
    if self.isLast {
      self.enter(.lingering, timeout: ServerLimits.lingerTimeout, whole: ServerLimits.lingerTimeout)
      self.context?.close(mode: .output, promise: nil)
    } else {
      self.enter(.idle, timeout: self.limits.idleTimeout)
      self.advance()
    }
  }
}
