// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonLinux
public import GibbonCore

/// One epoll loop on one thread: descriptors, deadlines, and work handed over from other threads.
///
/// Everything here is confined to the loop's thread; other threads hold its `LoopHandle`.
@safe
public final class EventLoop {
  /// What other threads may hold.
  public let handle: LoopHandle
  /// Milliseconds of the monotonic clock, read once per wake-up.
  public var now: UInt64 { self.milliseconds }
  /// Microseconds since 1970, read once per wake-up.
  public var wallMicroseconds: UInt64 { self.microseconds }

  /// Where reads land: their bytes are valid until the next read on this loop.
  static let scratchBytes = 64 * 1024
  let scratch: UnsafeMutableRawBufferPointer

  /// What lives on this loop; see `LoopThread`.
  public internal(set) var owner: AnyObject?

  // Private, so that the compiler sees every use: what other modules could reach is checked at each access.
  private var milliseconds: UInt64
  private var microseconds: UInt64
  /// The monotonic clock when the current turn began, in microseconds.
  private var turnBegan: UInt64 = 0
  private var turns = TurnCounter()
  private var slowTurn: ((_ milliseconds: Int) -> Void)?
  private let epoll: Int32
  private var slots: [Slot] = []
  private var freeSlots: [UInt32] = []
  private let wheel: TimerWheel
  private var due: [Timed] = []
  private var soon: [Timed] = []
  private var spareBuffers: [ByteBuffer] = []
  private var isStopped = false

  /// A registered channel and how often its slot was used before, so that a late event of a closed
  /// descriptor never reaches the next owner.
  private struct Slot {
    var channel: Channel?
    var generation: UInt32
  }

  /// The waker's token: no slot has it, since indices stay far below.
  private static let wakeToken = UInt64.max

  init(handle: LoopHandle) throws {
    self.handle = handle
    self.epoll = gibbon_epoll_create()
    guard self.epoll >= 0 else { throw SystemError(negated: self.epoll) }
    // Safety: freed in deinit; every use goes through a span or a count within these bounds.
    unsafe self.scratch = .allocate(byteCount: EventLoop.scratchBytes, alignment: 64)
    self.milliseconds = Clock.monotonicMicroseconds / 1000
    self.microseconds = Clock.realtimeMicroseconds
    self.wheel = TimerWheel(now: Clock.monotonicMicroseconds / 1000)
    let result = gibbon_epoll_add(self.epoll, handle.wakeDescriptor, EventLoop.wakeToken)
    guard result >= 0 else { throw SystemError(negated: result) }
  }

  deinit {
    // Safety: allocated in init, not shared.
    unsafe self.scratch.deallocate()
    _ = gibbon_close(self.epoll)
  }

  // MARK: Registration

  func register(_ channel: Channel) throws(SystemError) {
    let index: UInt32
    if let free = self.freeSlots.popLast() {
      index = free
    } else {
      index = UInt32(self.slots.count)
      self.changeSlots { $0.append(Slot(channel: nil, generation: 0)) }
    }
    let generation = self.slots[Int(index)].generation
    channel.token = UInt64(generation) << 32 | UInt64(index)
    let result = gibbon_epoll_add(self.epoll, channel.descriptor, channel.token)
    guard result >= 0 else {
      self.freeSlots.append(index)
      throw SystemError(negated: result)
    }
    self.changeSlots { $0[Int(index)].channel = channel }
  }

  /// A local value is changed, and not the property itself, so that no access to the property is checked at run time:
  /// each event reads it.
  @inline(__always)
  private func changeSlots(_ change: (inout [Slot]) -> Void) {
    var slots: [Slot] = []
    swap(&slots, &self.slots)
    change(&slots)
    swap(&slots, &self.slots)
  }

  func unregister(_ channel: Channel) {
    self.wheel.remove(channel)
    let index = Int(channel.token & 0xFFFF_FFFF)
    guard index < self.slots.count, self.slots[index].channel === channel else { return }
    // The last reference to the channel goes when the slots are back: its end may look at them.
    let gone = self.slots[index].channel
    self.changeSlots { slots in
      slots[index].channel = nil
      slots[index].generation &+= 1
    }
    withExtendedLifetime(gone) {}
    self.freeSlots.append(UInt32(index))
  }

  /// Closes every channel, once the loop has ended: peers see it, and nothing keeps the loop alive.
  func closeChannels() {
    for slot in self.slots { slot.channel?.close() }
    self.soon = []
  }

  /// Open descriptors of this loop, listeners included.
  public var channelCount: Int { self.slots.count - self.freeSlots.count }

  // MARK: Deadlines and deferred work

  public func schedule(_ object: Timed, after milliseconds: Int) {
    self.wheel.schedule(object, deadline: self.now &+ UInt64(max(0, milliseconds)))
  }

  public func cancel(_ object: Timed) { self.wheel.remove(object) }

  /// Calls `object.resumed()` after the current batch of events.
  public func runSoon(_ object: Timed) {
    var soon: [Timed] = []
    swap(&soon, &self.soon)
    soon.append(object)
    swap(&soon, &self.soon)
  }

  // MARK: Pooled buffers

  /// A cleared buffer; give it back with `recycle` so that the next one costs nothing.
  public func takeBuffer() -> ByteBuffer {
    var spare: [ByteBuffer] = []
    swap(&spare, &self.spareBuffers)
    let buffer = spare.popLast() ?? ByteBuffer()
    swap(&spare, &self.spareBuffers)
    return buffer
  }

  public func recycle(_ buffer: consuming ByteBuffer) {
    guard self.spareBuffers.count < 256, buffer.capacity > 0, buffer.capacity <= 32 * 1024 else { return }
    buffer.clear()
    var spare: [ByteBuffer] = []
    swap(&spare, &self.spareBuffers)
    spare.append(buffer)
    swap(&spare, &self.spareBuffers)
  }

  // MARK: Running

  /// Ends `run()` after the current batch.
  public func stop() { self.isStopped = true }

  /// Runs until `stop()`.
  func run() {
    // Safety: epoll_wait fills at most the given capacity, and only that many are read.
    unsafe withUnsafeTemporaryAllocation(of: gibbon_event.self, capacity: 256) { events in
      while !self.isStopped {
        let count = unsafe gibbon_epoll_wait(self.epoll, events.baseAddress, 256, self.sleepMilliseconds())
        self.readClocks()
        var woken = false
        for index in 0..<max(0, Int(count)) {
          let event = unsafe events[index]
          if event.token == EventLoop.wakeToken {
            woken = true
          } else {
            self.dispatch(event)
          }
        }
        if woken { self.handle.runJobs(on: self) }
        self.expireDeadlines()
        self.resumeSoon()
        self.endTurn()
      }
    }
  }

  private func dispatch(_ event: gibbon_event) {
    let index = Int(event.token & 0xFFFF_FFFF)
    guard index < self.slots.count, self.slots[index].generation == UInt32(event.token >> 32),
      let channel = self.slots[index].channel
    else { return }
    channel.ready(
      Readiness(readable: event.readable != 0, writable: event.writable != 0, peerClosed: event.peer_closed != 0))
  }

  private func readClocks() {
    let now = Clock.monotonicMicroseconds
    self.turnBegan = now
    self.milliseconds = now / 1000
    self.microseconds = Clock.realtimeMicroseconds
  }

  // MARK: Turns

  /// A turn that takes longer than this is told: whoever else is on the loop has waited as long.
  public static let slowTurnMilliseconds = 100

  /// How long turns took so far.
  public var turnTimes: TurnTimes { self.turns.times }

  /// Who hears of slow turns.
  public func reportSlowTurns(to report: @escaping (_ milliseconds: Int) -> Void) { self.slowTurn = report }

  private func endTurn() {
    let spent = Clock.monotonicMicroseconds &- self.turnBegan
    self.turns.count(spent)
    if spent >= UInt64(Self.slowTurnMilliseconds) * 1000 { self.slowTurn?(Int(clamping: spent / 1000)) }
  }

  private func sleepMilliseconds() -> Int32 {
    if !self.soon.isEmpty { return 0 }
    guard let next = self.wheel.millisecondsToNext(now: self.now) else { return -1 }
    return Int32(truncatingIfNeeded: min(next, 60_000))
  }

  private func expireDeadlines() {
    var due: [Timed] = []
    swap(&due, &self.due)
    self.wheel.expire(now: self.now, into: &due)
    for object in due where object.deadline <= self.now {
      object.deadline = .max
      object.timerFired()
    }
    if !due.isEmpty { due.removeAll(keepingCapacity: true) }
    swap(&due, &self.due)
  }

  private func resumeSoon() {
    guard !self.soon.isEmpty else { return }
    var batch: [Timed] = []
    swap(&batch, &self.soon)
    for object in batch { object.resumed() }
    batch.removeAll(keepingCapacity: true)
    if self.soon.isEmpty { swap(&batch, &self.soon) }
  }
}

@available(*, unavailable)
extension EventLoop: Sendable {}
