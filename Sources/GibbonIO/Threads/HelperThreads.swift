// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Synchronization

/// Threads for calculations that would keep an event loop busy, and that a request waits for: the bodies that plugins
/// change. Each does one after the other.
public final class HelperThreads: Sendable {
  /// Those of the process, started with their first work.
  public static let shared = HelperThreads(count: 2)

  /// Calculations that may wait; more are not taken. Each belongs to a request, which holds its body meanwhile.
  private static let waitingLimit = 4096

  private final class Nothing {}

  private let threads: [LoopThread]
  private let next = Atomic<Int>(0)
  private let waiting = Atomic<Int>(0)

  init(count: Int) {
    self.threads = (0..<count).compactMap { _ in try? LoopThread(name: "gibbon-bodies") { _ in Nothing() } }
  }

  /// Has something done on one of them.
  ///
  /// - Returns: false when too much waits already, or when there is no thread.
  public func run(_ body: @escaping @Sendable () -> Void) -> Bool {
    guard !self.threads.isEmpty else { return false }
    guard self.waiting.wrappingAdd(1, ordering: .relaxed).newValue <= Self.waitingLimit else {
      self.waiting.wrappingSubtract(1, ordering: .relaxed)
      return false
    }
    let turn = UInt(bitPattern: self.next.wrappingAdd(1, ordering: .relaxed).newValue)
    return self.threads[Int(turn % UInt(self.threads.count))].handle.execute { [self] _ in
      body()
      self.waiting.wrappingSubtract(1, ordering: .relaxed)
    }
  }
}
