// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Synchronization
import Testing

@testable import GibbonIO

/// Deadlines on a running loop.
@Suite struct LoopTimerTests {
  private final class Alarm: Timed {
    let name: String
    let journal: Journal
    var onFire: () -> Void = {}

    init(_ name: String, _ journal: Journal) {
      self.name = name
      self.journal = journal
    }

    override func timerFired() {
      self.journal.add(.note(self.name))
      self.onFire()
    }
  }

  private final class Alarms {
    var all: [Alarm] = []
  }

  private static func running(_ body: (LoopThread) throws -> Void) throws {
    let thread = try LoopThread(name: "timers") { _ in Alarms() }
    try body(thread)
    thread.stop()
    thread.join()
  }

  @Test func deadlinesFireInTheirOrder() throws {
    let journal = Journal()
    try Self.running { thread in
      thread.call { loop, owner in
        for (name, delay) in [("third", 130), ("first", 10), ("second", 70)] {
          let alarm = Alarm(name, journal)
          (owner as? Alarms)?.all.append(alarm)
          loop.schedule(alarm, after: delay)
        }
      }
      let record = journal.wait(for: .note("third"))
      #expect(record.events == [.note("first"), .note("second"), .note("third")])
    }
  }

  @Test func aNegativeDelayMeansNow() throws {
    let journal = Journal()
    try Self.running { thread in
      thread.call { loop, owner in
        let alarm = Alarm("now", journal)
        (owner as? Alarms)?.all.append(alarm)
        loop.schedule(alarm, after: .min)
      }
      journal.wait(for: .note("now"))
    }
  }

  /// Two alarms that come due in one batch: the first to run has the last word on the other.
  private static func pair(_ journal: Journal, act: @escaping @Sendable (EventLoop, Timed) -> Void) throws {
    try Self.running { thread in
      thread.call { loop, owner in
        let (one, other, last) = (Alarm("one", journal), Alarm("other", journal), Alarm("last", journal))
        (owner as? Alarms)?.all = [one, other, last]
        one.onFire = { act(loop, other) }
        other.onFire = { act(loop, one) }
        loop.schedule(one, after: 0)
        loop.schedule(other, after: 0)
        loop.schedule(last, after: 60)
      }
      journal.wait(for: .note("last"))
    }
  }

  @Test func aDeadlineCancelledInTheSameBatchDoesNotFire() throws {
    let journal = Journal()
    try Self.pair(journal) { loop, other in loop.cancel(other) }
    #expect(journal.now.events.count == 2)
  }

  @Test func aDeadlinePushedBackInTheSameBatchDoesNotFireEarly() throws {
    let journal = Journal()
    try Self.pair(journal) { loop, other in loop.schedule(other, after: 3_600_000) }
    #expect(journal.now.events.count == 2)
  }
}
