// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#endif

/// A port that this test process has for itself, for a gateway that binds it later.
///
/// Ports lie below the kernel's ephemeral range, so no outgoing connection takes one, and each is guarded by a locked
/// file, so no other test process on the machine takes it either. The lock lives as long as this value.
public final class FreePort: Sendable {
  public let number: Int
  private let lock: Int32

  private static let first = 18_000
  private static let count = 12_000
  private static let next = Mutex(Int(getpid()) &* 97)

  public init() throws {
    let folder = "/tmp/gibbon-test-ports"
    _ = mkdir(folder, 0o1777)
    for _ in 0..<FreePort.count {
      let step = FreePort.next.withLock { value -> Int in
        value = value &+ 1
        return value
      }
      let candidate = FreePort.first + step % FreePort.count
      let lock = open("\(folder)/\(candidate)", O_CREAT | O_RDWR | O_CLOEXEC, 0o666)
      if lock < 0 { continue }
      if flock(lock, LOCK_EX | LOCK_NB) == 0, (try? ListeningSocket(port: candidate, backlog: nil)) != nil {
        self.number = candidate
        self.lock = lock
        return
      }
      _ = close(lock)
    }
    throw HarnessError(.failed, "no free port found between \(FreePort.first) and \(FreePort.first + FreePort.count)")
  }

  deinit { _ = close(self.lock) }
}
