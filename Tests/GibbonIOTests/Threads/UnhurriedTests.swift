// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonIO
import Glibc
import Synchronization
import Testing

@Suite struct UnhurriedTests {
  private struct Refused: Error {}

  private final class Running: Sendable {
    let count = Atomic(0)
  }

  /// What the system says of the calling thread.
  private static func nice() -> Int32 { getpriority(.init(PRIO_PROCESS.rawValue), 0) }

  @Test func runsOnAThreadThatGivesWay() async throws {
    let before = Self.nice()
    let (thread, nice) = try await unhurried { (UInt(pthread_self()), Self.nice()) }
    #expect(nice > before)
    #expect(Self.nice() == before)
    #expect(thread != UInt(pthread_self()))
  }

  @Test func throwsWhatItsBodyThrows() async {
    await #expect(throws: Refused.self) { try await unhurried { throw Refused() } }
  }

  @Test func manyRunOneAfterTheOther() async throws {
    let running = Running()
    let sum = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 1...50 {
        group.addTask {
          try await unhurried {
            #expect(running.count.add(1, ordering: .relaxed).newValue == 1)
            defer { running.count.subtract(1, ordering: .relaxed) }
            return number
          }
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(sum == 1275)
  }
}
