// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonLinux
public import GibbonCore
internal import GibbonTLS
internal import Glibc

/// A stream socket of one loop. Subclasses decide; this class reads, writes and reports.
///
/// Reads land in the loop's scratch memory, so a waiting connection holds no buffer. What the kernel
/// does not take at once is kept in `pending`; bounding it is the subclass's duty: it stops the source
/// of the bytes while `isBlocked`. Confined to its event loop.
///
/// With TLS, `secure` comes between the socket and everything here: what is read and written is plain text then.
open class Connection: Channel {
  enum Opening: UInt8 {
    case established
    /// TCP's handshake is under way.
    case connecting
    /// That of TLS is.
    case handshaking
  }

  /// Accepted bytes that the kernel, or TLS, has not taken yet.
  private final var pending = ByteBuffer()
  final var opening: Opening
  /// nil without TLS.
  final var session: TLSSession?
  final var mayRead = false
  final var mayWrite = true
  private final var peerClosed = false
  /// The end of the stream was read and told.
  private final var hasEnded = false
  private final var isReading = true
  private final var isResuming = false
  /// `flushSoon` was asked for.
  private final var uncorksSoon = false
  private final var closesWhenFlushed = false
  private final var shutsDownWhenFlushed = false
  /// Why a send failed, until `didFail` was told.
  private final var brokenBy: SystemError?
  // Private, so that the compiler sees every use: what other modules could reach is checked at each access.
  private final var holdsBack = false
  private final var sent: UInt64 = 0

  public final var isCorked: Bool { self.holdsBack }
  /// What the kernel took since the connection began.
  public final var sentBytes: UInt64 { self.sent }

  /// Reads of one turn before other channels have theirs.
  private static let readsPerTurn = 8
  /// Below this a corked write is copied; above it goes out by scatter/gather.
  private static let corkedCopyBytes = 4096

  /// Takes over an accepted socket.
  public init(loop: EventLoop, accepted: consuming AcceptedSocket) throws(SystemError) {
    self.opening = .established
    let descriptor = accepted.take()
    super.init(loop: loop, descriptor: descriptor)
    do {
      try loop.register(self)
    } catch {
      _ = gibbon_close(descriptor)
      throw error
    }
  }

  /// Starts connecting; `didConnect` or `didFail` follows, never from inside this call.
  public init(loop: EventLoop, connectingTo address: SocketAddress) throws(SystemError) {
    self.opening = .connecting
    // Safety: the pointer is valid for the duration of the call.
    let descriptor = unsafe address.withNative { unsafe gibbon_connect($0) }
    guard descriptor >= 0 else { throw SystemError(negated: descriptor) }
    super.init(loop: loop, descriptor: descriptor)
    do {
      try loop.register(self)
    } catch {
      _ = gibbon_close(descriptor)
      throw error
    }
  }

  // MARK: For subclasses

  /// The connection is established; it may be written to.
  open func didConnect() {}
  /// TLS is established: what was written since `secure` leaves now.
  open func didSecure() {}
  /// Bytes arrived. They are valid during the call only.
  open func received(_ bytes: Span<UInt8>) {}
  /// The peer has ended its side; no more `received`.
  open func receivedEnd() {}
  /// The peer has closed without saying so in TLS: somebody else may have cut what it sent.
  open func receivedCut() { self.receivedEnd() }
  /// Everything pending has been taken by the kernel.
  open func didFlush() {}
  /// The kernel took some of what is pending, not all.
  open func didProgress() {}
  /// The peer is gone or has ended its side while reading is paused.
  open func peerHungUp() {}
  /// The connection broke, or could not be made. It is still open: close it.
  open func didFail(_ error: SystemError) {}

  // MARK: Reading

  /// Whether the peer is known to have ended or broken the connection, read or not.
  public final var isPeerClosed: Bool { self.peerClosed }

  /// Stops `received` until `resumeReading()`; the kernel's buffers then slow the peer.
  @inline(__always)
  public final func pauseReading() { self.isReading = false }

  /// Bytes that wait are delivered after the current batch of events.
  public final func resumeReading() {
    guard !self.isReading else { return }
    self.isReading = true
    if self.mayRead { self.readSoon() }
  }

  final func readIfWanted() { if self.isReading { self.readSoon() } }

  private final func readSoon() {
    guard !self.isResuming else { return }
    self.isResuming = true
    self.loop.runSoon(self)
  }

  override public final func resumed() {
    self.isResuming = false
    guard self.isOpen else { return }
    if self.uncorksSoon {
      self.uncorksSoon = false
      self.uncork()
    }
    if let error = self.brokenBy {
      self.brokenBy = nil
      return self.didFail(error)
    }
    self.readSome()
  }

  override final func ready(_ readiness: Readiness) {
    if readiness.peerClosed { self.peerClosed = true }
    if self.opening != .established {
      if self.opening == .handshaking {
        self.mayWrite = self.mayWrite || readiness.writable
        return self.shakeHands()
      }
      guard readiness.writable || readiness.peerClosed else { return }
      self.finishConnecting()
      guard self.isOpen, self.brokenBy == nil, self.opening == .established else { return }
    }
    if readiness.writable, !self.mayWrite {
      self.mayWrite = true
      self.flush()
      // A send took the error that a read would have reported: that is told after this batch.
      guard self.isOpen, self.brokenBy == nil else { return }
    }
    if readiness.readable {
      self.mayRead = true
      self.session?.noteReadable()
      if self.isReading {
        self.readSome()
      } else if readiness.peerClosed {
        self.peerHungUp()
      }
    }
  }

  private final func finishConnecting() {
    self.opening = .established
    let error = gibbon_socket_error(self.descriptor)
    if error != 0 {
      self.didFail(SystemError(code: error))
    } else {
      self.didConnect()
      self.flushHeld()
    }
  }

  /// What was written before the connection was established.
  final func flushHeld() {
    guard self.isOpen, self.opening == .established, !self.holdsBack else { return }
    if !self.pending.isEmpty || self.shutsDownWhenFlushed { self.flush() }
  }

  private final func readSome() {
    let scratch = unsafe self.loop.scratch
    var turns = Connection.readsPerTurn
    while self.isReading, self.mayRead, self.isOpen, self.brokenBy == nil, self.opening == .established {
      if turns == 0 { return self.readSoon() }
      turns &-= 1
      // Safety: at most the scratch's count is read into it, and exactly `count` bytes are lent on.
      let count =
        if let session = self.session {
          unsafe session.read(into: scratch)
        } else {
          unsafe gibbon_read(self.descriptor, scratch.baseAddress, scratch.count)
        }
      if count > 0 {
        // A short read emptied the socket: the next edge announces more. Not after the peer's end, which was announced
        // already.
        if self.session.map({ $0.isDrained && !$0.hasPending }) ?? (count < scratch.count), !self.peerClosed {
          self.mayRead = false
        }
        self.received(unsafe UnsafeRawBufferPointer(scratch)[..<count].bindMemory(to: UInt8.self).span)
      } else if count == 0 {
        self.mayRead = false
        self.peerClosed = true
        guard !self.hasEnded else { return }
        self.hasEnded = true
        self.receivedEnd()
      } else if count == TLSSession.truncated {
        self.mayRead = false
        self.peerClosed = true
        guard !self.hasEnded else { return }
        self.hasEnded = true
        self.receivedCut()
      } else {
        self.mayRead = false
        if count == -Int(EINTR) {
          self.mayRead = true
        } else if count != -Int(EAGAIN) {
          self.didFail(SystemError(negated: count))
        }
      }
    }
  }

  // MARK: Writing

  /// Whether bytes wait for the peer to take more: stop producing until `didFlush`.
  @inline(__always)
  public final var isBlocked: Bool { !self.pending.isEmpty && !self.holdsBack && self.brokenBy == nil }
  public final var pendingCount: Int { self.pending.count }

  /// Holds small writes back until `uncork()`, so that a head and the start of its body leave in one
  /// system call.
  public final func cork() { self.holdsBack = true }

  public final func uncork() {
    self.holdsBack = false
    if !self.pending.isEmpty, self.mayWrite, self.opening == .established { self.sendPending() }
  }

  /// Holds what is written back until the current batch of events is over: what many streams write meanwhile leaves in
  /// one system call.
  public final func flushSoon() {
    self.holdsBack = true
    self.uncorksSoon = true
    self.readSoon()
  }

  /// The bytes not sent yet, to append to; give them back with `putOutput`.
  public final func takeOutput() -> ByteBuffer {
    guard self.pending.isEmpty else {
      var output = ByteBuffer()
      swap(&output, &self.pending)
      return output
    }
    return self.loop.takeBuffer()
  }

  /// The counterpart of `takeOutput`: sends what the kernel takes, unless corked.
  public final func putOutput(_ output: consuming ByteBuffer) {
    self.pending = output
    if !self.holdsBack { self.uncork() }
  }

  /// Writes now what the kernel takes, keeps the rest. A broken connection is reported by `didFail` later,
  /// on its own event.
  public final func write(_ bytes: borrowing Span<UInt8>) {
    guard self.isOpen, bytes.count > 0 else { return }
    guard self.mayWrite, self.opening == .established,
      self.isCorked ? bytes.count > Connection.corkedCopyBytes : self.pending.isEmpty
    else { return self.keep(bytes) }
    if let session = self.session { return self.write(bytes, session) }
    var held = ByteBuffer()
    swap(&held, &self.pending)
    let heldCount = held.count
    // Safety: the pointers are used for one call inside the closures that lend them.
    let sent = unsafe held.span.withUnsafeBufferPointer { first in
      unsafe bytes.withUnsafeBufferPointer { second in
        unsafe first.isEmpty
          ? gibbon_send(self.descriptor, second.baseAddress, second.count)
          : gibbon_send2(self.descriptor, first.baseAddress, first.count, second.baseAddress, second.count)
      }
    }
    let taken = self.taken(sent, of: heldCount &+ bytes.count)
    if heldCount > 0 {
      if taken >= heldCount {
        self.loop.recycle(consume held)
      } else {
        held.consume(taken)
        self.pending = held
      }
    }
    let ofBytes = max(0, taken &- heldCount)
    if ofBytes < bytes.count { self.keep(bytes.extracting(droppingFirst: ofBytes)) }
  }

  /// Records hold what is pending and what is new together.
  private final func write(_ bytes: borrowing Span<UInt8>, _ session: TLSSession) {
    guard self.pending.isEmpty else {
      self.keep(bytes)
      return self.sendPending()
    }
    // Safety: the pointer is used for one call inside the closure that lends it.
    let sent = unsafe bytes.withUnsafeBufferPointer { unsafe session.write(UnsafeRawBufferPointer($0)) }
    let taken = self.taken(sent, of: bytes.count)
    if taken < bytes.count { self.keep(bytes.extracting(droppingFirst: taken)) }
  }

  private final func keep(_ bytes: borrowing Span<UInt8>) {
    if self.pending.isEmpty { self.pending = self.loop.takeBuffer() }
    var held = ByteBuffer()
    swap(&held, &self.pending)
    held.append(bytes)
    swap(&held, &self.pending)
  }

  /// Bytes a send took; the rest waits for an edge.
  private final func taken(_ sent: Int, of count: Int) -> Int {
    if sent < count { self.mayWrite = false }
    if sent < 0, sent != -Int(EAGAIN), sent != -Int(EINTR) {
      // Broken: nothing that is written matters any more. Told later, even if reading is paused.
      self.peerClosed = true
      self.brokenBy = SystemError(negated: sent)
      self.readSoon()
    }
    let taken = max(0, sent)
    self.sent &+= UInt64(taken)
    return taken
  }

  private final func sendPending() {
    var pending = ByteBuffer()
    swap(&pending, &self.pending)
    let count = pending.count
    // Safety: the pointer is used for one call inside the closure that lends it.
    let sent = unsafe pending.span.withUnsafeBufferPointer {
      if let session = self.session { return unsafe session.write(UnsafeRawBufferPointer($0)) }
      return unsafe gibbon_send(self.descriptor, $0.baseAddress, $0.count)
    }
    let taken = self.taken(sent, of: count)
    if taken == count { return self.loop.recycle(consume pending) }
    pending.consume(taken)
    self.pending = pending
  }

  /// The kernel has room again.
  private final func flush() {
    if !self.pending.isEmpty {
      let before = self.pending.count
      self.sendPending()
      guard self.pending.isEmpty else {
        if self.pending.count < before { self.didProgress() }
        return
      }
    }
    if self.closesWhenFlushed { return self.close() }
    if self.shutsDownWhenFlushed {
      self.shutsDownWhenFlushed = false
      self.endWriting()
    }
    self.didFlush()
  }

  /// Ends our side once everything pending is sent; the peer may go on sending.
  public final func shutdownWriting() {
    guard self.isOpen else { return }
    self.uncork()
    if self.isBlocked || self.opening != .established {
      self.shutsDownWhenFlushed = true
    } else {
      self.endWriting()
    }
  }

  private final func endWriting() {
    self.session?.shutdown()
    _ = gibbon_shutdown_write(self.descriptor)
  }

  override final func willClose() {
    if self.opening == .established { self.session?.shutdown() }
  }

  /// Closes once everything pending is sent; `didFlush` is not called then.
  public final func closeAfterFlush() {
    self.uncork()
    if self.isBlocked, self.isOpen {
      self.closesWhenFlushed = true
    } else {
      self.close()
    }
  }
}
