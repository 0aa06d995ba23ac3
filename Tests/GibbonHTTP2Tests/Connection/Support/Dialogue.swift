// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP2

/// Calls between two machines: bodies both ways, trailers, cancellations, new settings, a drain.
struct Dialogue {
  static let calls = 20

  var random: SplitMix64
  var client: Side
  var server: Side
  var started = 0
  var finished = 0
  var problems: [String] = []
  var steps = 0
  /// How far the server's drain is: not begun, announced, done.
  var drain = 0
  let mayDrain: Bool
  /// Calls that must have an end.
  var due: Int { self.drain == 2 || self.client.connection.peerIsGoingAway ? self.started : Self.calls }

  init(seed: UInt64) {
    self.random = SplitMix64(state: seed)
    var limits = HTTP2Limits()
    self.mayDrain = Bool.random(using: &self.random)
    limits.concurrentStreams = Int.random(in: 1...20, using: &self.random)
    limits.streamWindowBytes = Int.random(in: 65_535...100_000, using: &self.random)
    limits.connectionWindowBytes = Int.random(in: 65_535...150_000, using: &self.random)
    // The scheduler is no honest peer: it cuts bodies into single bytes.
    limits.overheadBytes = HTTP2Budget(burst: 1 << 30, perSecond: 1)
    limits.controlFrames = HTTP2Budget(burst: 1 << 20, perSecond: 1)
    limits.ownResets = HTTP2Budget(burst: 1 << 20, perSecond: 1)
    limits.queuedFrames = 1 << 20
    self.client = Side(.client, limits)
    self.server = Side(.server, limits)
  }

  mutating func run() {
    while self.finished < self.due, self.steps < 100_000, self.problems.isEmpty {
      self.steps += 1
      switch Int.random(in: 0..<8, using: &self.random) {
      case 0: self.open()
      case 1, 2: self.client.transfer(to: &self.server, self.someBytes())
      case 3, 4: self.server.transfer(to: &self.client, self.someBytes())
      case 5: self.server.work(&self.random)
      case 6: self.client.work(&self.random)
      default: self.rarely()
      }
      self.judge()
    }
    if self.steps >= 100_000 { self.problems.append("it did not end: \(self.finished) of \(self.due)") }
    for _ in 0..<50 {
      self.client.transfer(to: &self.server, 1 << 20)
      self.server.transfer(to: &self.client, 1 << 20)
      self.server.work(&self.random)
      self.client.work(&self.random)
    }
    self.judge()
  }

  private mutating func someBytes() -> Int {
    Bool.random(using: &self.random) ? Int.random(in: 1...3000, using: &self.random) : 1 << 16
  }

  private mutating func open() {
    guard self.started < Self.calls else { return }
    let count = Bool.random(using: &self.random) ? 0 : Int.random(in: 0...80_000, using: &self.random)
    let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ self.started) }
    if self.client.open(body, &self.random) { self.started += 1 }
  }

  private mutating func rarely() {
    guard Int.random(in: 0..<20, using: &self.random) == 0 else { return }
    switch Int.random(in: 0..<5, using: &self.random) {
    case 0: self.changeWindow(\.client)
    case 1: self.changeWindow(\.server)
    case 2 where self.mayDrain && self.started > Self.calls / 2:
      self.drain += 1
      if self.drain == 1 { self.server.connection.announceShutdown() }
      if self.drain == 2 { self.server.connection.stopAccepting() }
    case 3: self.client.connection.ping(UInt64(self.steps))
    default: self.server.connection.ping(UInt64(self.steps))
    }
  }

  /// Makes the windows smaller for a while, also below zero.
  private mutating func changeWindow(_ side: WritableKeyPath<Dialogue, Side>) {
    let usual = UInt32(self[keyPath: side].connection.limits.streamWindowBytes)
    let window = self[keyPath: side].isSmall ? usual : UInt32.random(in: 0...usual, using: &self.random)
    self[keyPath: side].isSmall.toggle()
    self[keyPath: side].inject(Wire().settings([(4, window)]))
  }

  private mutating func judge() {
    self.problems += self.client.problems + self.server.problems
    self.finished = self.client.finished
  }
}

/// One end: a machine with a simple engine.
struct Side {
  struct Call {
    var id: UInt32
    var toSend: [UInt8]
    var received: [UInt8] = []
    var unread = 0
    var hasHead = false
    var hasEnd = false
    var isSent = false
    var needsHead = false
  }

  var endpoint: Endpoint
  var calls: [Int: Call] = [:]
  /// What the client sent, by stream, which the server sends back.
  var bodies: [UInt32: [UInt8]] = [:]
  var problems: [String] = []
  var finished = 0
  var isSmall = false
  var failure: HTTP2Failure? { self.endpoint.connection.failure }

  var connection: HTTP2Connection {
    get { self.endpoint.connection }
    _modify { yield &self.endpoint.connection }
  }

  init(_ role: HTTP2Role, _ limits: HTTP2Limits) {
    self.endpoint = Endpoint(role, limits)
  }

  /// Bytes of a frame that this side's machine does not send by itself.
  mutating func inject(_ wire: Wire) {
    self.endpoint.connection.takeOutput(into: &self.endpoint.pending)
    self.endpoint.pending.append(wire.bytes)
  }

  mutating func open(_ body: [UInt8], _ random: inout SplitMix64) -> Bool {
    guard let slot = self.endpoint.open("POST", "", end: body.isEmpty) else { return false }
    let id = self.endpoint.connection.streamID(slot)
    self.calls[slot] = Call(id: id, toSend: body, isSent: body.isEmpty)
    self.bodies[id] = body
    return true
  }

  mutating func transfer(to other: inout Side, _ most: Int) {
    self.endpoint.connection.takeOutput(into: &self.endpoint.pending)
    let count = min(most, self.endpoint.pending.count)
    guard count > 0 else { return }
    let bytes = self.endpoint.pending.span.extracting(0..<count).array
    self.endpoint.pending.consume(count)
    other.receive(bytes)
  }

  private mutating func receive(_ input: [UInt8]) {
    var offset = 0
    while true {
      let event = self.endpoint.connection.next(input.span, from: &offset, now: 1000)
      switch event {
      case .needMoreData: return
      case .requestHead(let slot, let end, _):
        self.endpoint.connection.takeRequestHead(into: &self.endpoint.bytes, &self.endpoint.request)
        if self.calls[slot] != nil { self.problems.append("slot \(slot) is in use") }
        self.calls[slot] = Call(
          id: self.endpoint.connection.streamID(slot), toSend: [], hasHead: true, hasEnd: end, needsHead: true)
      case .responseHead(let slot, let end):
        self.endpoint.connection.takeResponseHead(into: &self.endpoint.bytes, &self.endpoint.response)
        if self.calls[slot]?.hasHead != false { self.problems.append("a second head") }
        self.calls[slot]?.hasHead = true
        self.calls[slot]?.hasEnd = end
      case .data(let slot, let range, let end):
        if self.calls[slot]?.hasEnd != false { self.problems.append("content after the end") }
        self.calls[slot]?.received += input[range]
        self.calls[slot]?.unread += range.count
        if end { self.calls[slot]?.hasEnd = true }
      case .endStream(let slot): self.end(slot)
      case .trailers(let slot):
        self.endpoint.connection.takeTrailers(into: &self.endpoint.bytes)
        self.end(slot)
      case .reset(let slot, let code):
        if self.endpoint.connection.role == .client { self.problems.append("reset with \(code)") }
        self.drop(slot)
      case .unprocessed(let slot): self.repeatLater(slot)
      case .closed: self.problems.append("closed: \(self.failure?.reason ?? "")")
      default: break
      }
    }
  }

  private mutating func end(_ slot: Int) {
    if self.calls[slot]?.hasEnd != false { self.problems.append("a second end") }
    self.calls[slot]?.hasEnd = true
  }

  private mutating func drop(_ slot: Int) {
    self.calls[slot] = nil
    self.endpoint.connection.release(slot)
  }

  /// Refused before the limit was known: counts as done.
  private mutating func repeatLater(_ slot: Int) {
    self.finished += 1
    self.drop(slot)
  }

  /// One step of one call.
  mutating func work(_ random: inout SplitMix64) {
    // Taken out, so that its bytes are not copied when they change.
    guard let slot = self.calls.keys.sorted().randomElement(using: &random),
      var call = self.calls.removeValue(forKey: slot)
    else { return }
    let used = Int.random(in: 0...call.unread, using: &random)
    self.endpoint.connection.consumed(slot, used, now: 1000)
    call.unread -= used
    if self.endpoint.connection.role == .server {
      self.answer(slot, &call, &random)
    } else {
      guard self.ask(slot, &call, &random) else { return self.drop(slot) }
    }
    let isDone = call.isSent && call.hasEnd && call.hasHead
    self.calls[slot] = call
    guard isDone else { return }
    if self.endpoint.connection.role == .client {
      self.finished += 1
      if call.received != self.bodies[call.id] { self.problems.append("another body came back") }
    }
    self.drop(slot)
  }

  /// False: the call was given up.
  private mutating func ask(_ slot: Int, _ call: inout Call, _ random: inout SplitMix64) -> Bool {
    if !call.isSent { self.send(slot, &call, isLast: true) }
    guard Int.random(in: 0..<200, using: &random) == 0 else { return true }
    self.finished += 1
    self.endpoint.connection.reset(slot, .cancel, to: &self.endpoint.pending)
    return false
  }

  /// Sends back what came.
  private mutating func answer(_ slot: Int, _ call: inout Call, _ random: inout SplitMix64) {
    if call.needsHead {
      call.needsHead = false
      self.endpoint.respond(slot)
    }
    call.toSend += call.received
    call.received = []
    guard !call.isSent else { return }
    let hasTrailers = call.id % 4 == 1
    self.send(slot, &call, isLast: call.hasEnd && !hasTrailers)
    if hasTrailers, call.hasEnd, call.toSend.isEmpty {
      self.endpoint.write(slot, trailers: "grpc-status: 0\r\n")
      call.isSent = true
    }
  }

  private mutating func send(_ slot: Int, _ call: inout Call, isLast: Bool) {
    let window = self.endpoint.connection.sendWindow(slot)
    let count = self.endpoint.write(slot, call.toSend, end: isLast)
    if count > window { self.problems.append("more went than the window had") }
    if count > 0 { call.toSend.removeFirst(count) }
    if isLast, call.toSend.isEmpty { call.isSent = true }
  }
}

/// A small generator with a printable seed.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = self.state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
