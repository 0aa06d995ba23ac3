// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonPluginAPI
import Synchronization
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// Of many requests for the same thing one asks.
@Suite struct CacheFlightsTests {
  private static func key(_ number: Int) -> CacheKey { CacheKey(hashing: Array("\(number)".utf8)) }

  /// Counts how often waiting requests were called again.
  private final class Calls: Sendable {
    let count = Mutex(0)

    func suspension() -> Suspension {
      Suspension(executor: globalConcurrentExecutor) { _ in self.count.withLock { $0 += 1 } }
    }
  }

  private static func join(
    _ flights: CacheFlights, _ calls: Calls, key: Int = 1, mayWait: Bool = true, now: Int = 0
  ) -> String {
    switch flights.join(Self.key(key), mayWait: mayWait, now: now, suspension: { calls.suspension() }) {
    case .leads: "leads"
    case .waits: "waits"
    case .passes: "passes"
    }
  }

  private static func lead(_ flights: CacheFlights, _ calls: Calls, now: Int = 0) throws -> CacheLead {
    let role = flights.join(Self.key(1), mayWait: true, now: now, suspension: { calls.suspension() })
    guard case .leads(let lead) = role else { throw CancellationError() }
    return lead
  }

  @Test func othersWaitUntilTheResponseIsKept() throws {
    let (flights, calls) = (CacheFlights(), Calls())
    let lead = try Self.lead(flights, calls)
    #expect(Self.join(flights, calls) == "waits" && Self.join(flights, calls) == "waits")
    #expect(Self.join(flights, calls, mayWait: false) == "passes")
    #expect(Self.join(flights, calls, key: 2) == "leads")
    #expect(calls.count.withLock { $0 } == 0)
    lead.end()
    #expect(calls.count.withLock { $0 } == 2)
    lead.end()
    #expect(calls.count.withLock { $0 } == 2 && flights.count == 0)
    withExtendedLifetime(lead) {}
  }

  @Test func aRequestThatIsForgottenLetsTheOthersGo() throws {
    let (flights, calls) = (CacheFlights(), Calls())
    var lead: CacheLead? = try Self.lead(flights, calls)
    #expect(lead != nil && Self.join(flights, calls) == "waits")
    lead = nil
    #expect(calls.count.withLock { $0 } == 1 && flights.count == 0)
  }

  @Test func nobodyWaitsForWhatIsNotKept() throws {
    let (flights, calls) = (CacheFlights(), Calls())
    try Self.lead(flights, calls).giveUp(now: 100)
    #expect(Self.join(flights, calls, now: 105) == "passes" && Self.join(flights, calls, now: 105) == "passes")
    #expect(Self.join(flights, calls, now: 110) == "leads")
  }

  @Test func aLimitedNumberWaits() throws {
    let (flights, calls) = (CacheFlights(), Calls())
    let lead = try Self.lead(flights, calls)
    for _ in 0..<CacheFlights.waitingLimit { #expect(Self.join(flights, calls) == "waits") }
    #expect(Self.join(flights, calls) == "passes")
    lead.end()
    #expect(calls.count.withLock { $0 } == CacheFlights.waitingLimit)
  }
}
