// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonLinux
internal import Glibc

/// How a listening socket is opened.
public struct ListenerOptions: Sendable, Hashable {
  /// Connections the kernel holds that nobody has accepted yet.
  public var backlog: Int32 = 16384
  public var reusePort = true
  public var ipv6Only = true
  /// Seconds of idleness before TCP keep-alive probes; nil leaves them off.
  public var tcpKeepAlive: TCPKeepAlive?

  public struct TCPKeepAlive: Sendable, Hashable {
    /// Seconds, seconds, count; 0 keeps the system's value.
    public var idle: Int32 = 0, interval: Int32 = 0, count: Int32 = 0
    public init(idle: Int32 = 0, interval: Int32 = 0, count: Int32 = 0) {
      self.idle = idle
      self.interval = interval
      self.count = count
    }
  }

  public init() {}
}

/// A descriptor that came out of `accept`, not yet owned by a connection.
public struct AcceptedSocket: ~Copyable {
  private var descriptor: Int32
  public let peer: SocketAddress

  init(descriptor: Int32, peer: SocketAddress) {
    self.descriptor = descriptor
    self.peer = peer
  }

  /// Gives the descriptor to its new owner.
  mutating func take() -> Int32 {
    defer { self.descriptor = -1 }
    return self.descriptor
  }

  deinit {
    // Nobody took it.
    if self.descriptor >= 0 { _ = gibbon_close(self.descriptor) }
  }
}

/// A listening socket of one loop.
public final class Listener: Channel {
  public let address: SocketAddress
  /// Of a unix socket.
  private let file: FileIdentity?
  private let accepted: (consuming AcceptedSocket) -> Void
  private let failed: (SystemError) -> Void
  /// Whether one more connection may be taken.
  private let hasRoom: () -> Bool
  /// Out of descriptors or room: nothing is accepted until the timer fires, or `resumeAccepting`.
  private var isPaused = false
  /// Connections wait in the kernel's queue until `startAccepting()`.
  private var isHeld: Bool

  /// Connections taken in one go before other channels have their turn.
  private static let acceptsPerTurn = 64
  /// How long to leave a listener alone after it ran out of descriptors or memory, as nginx does.
  private static let exhaustedPauseMilliseconds = 500

  /// Opens and registers; throws what `socket`, `bind` or `listen` said. `failed` hears of a process out
  /// of descriptors, at most twice a second. While `hasRoom` says no, connections wait in the kernel's queue.
  ///
  /// - Parameter isHeld: whether nothing is accepted before `startAccepting()`.
  public init(
    loop: EventLoop, address: SocketAddress, options: ListenerOptions, isHeld: Bool = false,
    accepted: @escaping (consuming AcceptedSocket) -> Void, failed: @escaping (SystemError) -> Void,
    hasRoom: @escaping () -> Bool = { true }
  ) throws(SystemError) {
    // Safety: `native` is valid for the duration of the call.
    let descriptor = unsafe address.withNative { native in
      unsafe gibbon_listen(native, options.backlog, options.reusePort ? 1 : 0, options.ipv6Only ? 1 : 0)
    }
    guard descriptor >= 0 else { throw SystemError(negated: descriptor) }
    if let keepAlive = options.tcpKeepAlive {
      _ = gibbon_keepalive(descriptor, keepAlive.idle, keepAlive.interval, keepAlive.count)
    }
    self.address = Listener.bound(descriptor, asked: address)
    self.file = if case .unix(let path) = address { FileIdentity(path: path) } else { nil }
    self.isHeld = isHeld
    self.accepted = accepted
    self.failed = failed
    self.hasRoom = hasRoom
    super.init(loop: loop, descriptor: descriptor)
    do {
      try loop.register(self)
    } catch {
      _ = gibbon_close(descriptor)
      throw error
    }
  }

  /// The address with the port the kernel chose, when port 0 was asked for.
  private static func bound(_ descriptor: Int32, asked: SocketAddress) -> SocketAddress {
    guard case .internet = asked else { return asked }
    var native = gibbon_address()
    // Safety: the shim fills a local.
    guard unsafe gibbon_local_address(descriptor, &native) >= 0 else { return asked }
    return SocketAddress(native)
  }

  /// Whether nobody else listens there: a bind without sharing, undone at once. What the system said, if not.
  public static func probe(_ address: SocketAddress) -> SystemError? {
    if case .internet(_, port: 0) = address { return nil }
    // Safety: `native` is valid for the duration of the call.
    let descriptor = unsafe address.withNative { unsafe gibbon_listen($0, -1, 0, 1) }
    guard descriptor >= 0 else { return SystemError(negated: descriptor) }
    _ = gibbon_close(descriptor)
    return nil
  }

  /// Takes connections from now on, those that wait included.
  public func startAccepting() {
    guard self.isHeld else { return }
    self.isHeld = false
    self.acceptSome()
  }

  override func ready(_ readiness: Readiness) {
    if !self.isPaused, !self.isHeld { self.acceptSome() }
  }

  override public func resumed() {
    if !self.isPaused { self.acceptSome() }
  }

  /// There is room again.
  public func resumeAccepting() {
    guard self.isPaused else { return }
    self.isPaused = false
    self.clearTimeout()
    self.loop.runSoon(self)
  }

  /// A socket's file goes with it, unless another one has its name by now.
  override public func didClose() {
    guard case .unix(let path) = self.address, let file = self.file, FileIdentity(path: path) == file else { return }
    _ = unsafe unlink(path)
  }

  override public func timerFired() {
    self.isPaused = false
    self.acceptSome()
  }

  private func acceptSome() {
    var native = gibbon_address()
    for _ in 0..<Listener.acceptsPerTurn {
      guard self.isOpen else { return }
      guard self.hasRoom() else { return self.pause() }
      // Safety: the shim fills a local.
      let descriptor = unsafe gibbon_accept(self.descriptor, &native)
      if descriptor >= 0 {
        self.accepted(AcceptedSocket(descriptor: descriptor, peer: SocketAddress(native)))
        continue
      }
      switch -descriptor {
      case EAGAIN: return
      case EMFILE, ENFILE, ENOBUFS, ENOMEM:
        self.failed(SystemError(negated: descriptor))
        return self.pause()
      // Anything else is the one connection's trouble (it was reset while it waited): take the next.
      default: continue
      }
    }
    self.loop.runSoon(self)
  }

  private func pause() {
    self.isPaused = true
    self.setTimeout(milliseconds: Listener.exhaustedPauseMilliseconds)
  }
}
