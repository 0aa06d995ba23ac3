// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonHTTP2

@Suite struct BudgetTests {
  /// Whether so many tokens can be taken and no more.
  private func took(_ count: Int, _ bucket: inout TokenBucket, now: UInt64) -> Bool {
    for _ in 0..<count where !bucket.take(now: now) { return false }
    return !bucket.take(now: now)
  }

  @Test func aBurstAndThenARate() {
    var bucket = TokenBucket(HTTP2Budget(burst: 3, perSecond: 2), now: 0)
    #expect(self.took(3, &bucket, now: 0))
    #expect(self.took(0, &bucket, now: 499))
    #expect(self.took(1, &bucket, now: 500))
    // Never more than the burst, and never back in time.
    #expect(self.took(3, &bucket, now: 1_000_000))
    #expect(self.took(0, &bucket, now: 10))
    bucket.add(100)
    #expect(self.took(3, &bucket, now: 10))
  }

  @Test func absurdBudgetsDoNotOverflow() {
    var bucket = TokenBucket(HTTP2Budget(burst: .max, perSecond: .max), now: 0)
    let took = bucket.take(now: .max)
    #expect(took)
    bucket.add(.max)
    var nothing = TokenBucket(HTTP2Budget(burst: -1, perSecond: .min), now: 0)
    #expect(self.took(0, &nothing, now: .max))
  }

  @Test func aWindowKnowsWhatIsUnread() {
    var window = ReceiveWindow(size: 100, now: 0)
    let received = [window.receive(101), window.receive(100), window.receive(1)]
    #expect(received == [false, true, false] && window.unread == 100)
    let increments = [49, 1, 100, 5].map { window.consume($0) }
    #expect(increments == [0, 50, 50, 0])
    #expect(window.credit == 100 && window.unread == 0)
  }
}
