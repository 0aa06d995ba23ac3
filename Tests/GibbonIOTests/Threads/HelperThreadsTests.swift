// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Synchronization
import Testing

@testable import GibbonIO

/// Calculations that requests wait for, on threads of their own.
@Suite struct HelperThreadsTests {
  @Test func eachIsDoneOnce() throws {
    let threads = HelperThreads(count: 2)
    let sum = Mutex(0)
    let done = Gate()
    for number in 1...100 {
      let isTaken = threads.run {
        let isLast = sum.withLock { sum in
          sum += number
          return sum == 5050
        }
        if isLast { done.open() }
      }
      #expect(isTaken)
    }
    try done.wait()
    #expect(sum.withLock { $0 } == 5050)
  }

  @Test func withoutThreadsNothingIsTaken() {
    #expect(!HelperThreads(count: 0).run {})
  }
}
