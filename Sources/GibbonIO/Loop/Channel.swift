// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonLinux

/// What the kernel said about a descriptor since it was last asked.
struct Readiness {
  var readable: Bool
  var writable: Bool
  var peerClosed: Bool
}

/// A descriptor registered with a loop.
///
/// Confined to its event loop, which holds it strongly from registration until `close()`.
open class Channel: Timed {
  public final let loop: EventLoop
  /// -1 once closed.
  final var descriptor: Int32
  final var token: UInt64 = 0

  init(loop: EventLoop, descriptor: Int32) {
    self.loop = loop
    self.descriptor = descriptor
    super.init()
  }

  public final var isOpen: Bool { self.descriptor >= 0 }

  func ready(_ readiness: Readiness) {}

  /// Asks for one `timerFired()` in `milliseconds`; replaces what was asked before.
  @inline(__always)
  public final func setTimeout(milliseconds: Int) {
    self.loop.schedule(self, after: milliseconds)
  }

  @inline(__always)
  public final func clearTimeout() { self.deadline = .max }

  /// The descriptor is about to be closed, and not reset.
  func willClose() {}

  /// The descriptor is closed, whoever did it. The last call on this object.
  open func didClose() {}

  /// Closes the descriptor; idempotent. Only `didClose` is called on this object afterwards.
  public final func close() {
    guard self.descriptor >= 0 else { return }
    self.willClose()
    self.loop.unregister(self)
    _ = gibbon_close(self.descriptor)
    self.descriptor = -1
    self.didClose()
  }

  /// Closes so that the peer sees a reset instead of an end of stream.
  public final func reset() {
    guard self.descriptor >= 0 else { return }
    self.loop.unregister(self)
    _ = gibbon_reset(self.descriptor)
    self.descriptor = -1
    self.didClose()
  }
}
