// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonLinux
internal import Glibc
internal import Synchronization

/// A named operating-system thread, for work that blocks: DNS, log files, signals.
public final class SystemThread: Sendable {
  private let thread: pthread_t
  private let isJoined = Mutex(false)

  private final class Start {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }

  public init(name: String, body: @escaping @Sendable () -> Void) throws {
    // Safety: retained here, consumed once by the thread that starts; released here if none does.
    let start = unsafe Unmanaged.passRetained(Start(name: String(name.prefix(15)), body: body))
    var thread = pthread_t()
    let result = unsafe pthread_create(
      &thread, nil,
      { argument in
        if let argument = unsafe argument {
          let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
          _ = unsafe gibbon_name_thread(start.name)
          start.body()
        }
        return nil
      }, start.toOpaque())
    guard result == 0 else {
      unsafe start.release()
      throw SystemError(code: result)
    }
    self.thread = thread
  }

  /// Waits until the thread has ended; idempotent.
  public func join() {
    self.isJoined.withLock { isJoined in
      guard !isJoined else { return }
      pthread_join(self.thread, nil)
      isJoined = true
    }
  }
}
