// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonControl

/// What a read may be kept in spite of.
@Suite struct ForgottenItemsTests {
  @Test func othersThatAreForgottenMeanwhileDoNotCount() {
    var items = ForgottenItems<Int>()
    items.add(1, isRead: true)
    let start = items.now
    for other in 2...1000 { items.add(other, isRead: true) }
    #expect(!items.contains(since: start) { $0 == 1 }, "that was before")
    #expect(items.contains(since: start) { $0 == 500 })
    #expect(!items.contains(since: items.now) { _ in true })
  }

  @Test func whatWasForgottenWhileNobodyReadIsNotRemembered() {
    var items = ForgottenItems<Int>()
    for item in 0..<10 { items.add(item, isRead: false) }
    let start = items.now
    items.add(10, isRead: true)
    #expect(items.contains(since: start) { $0 == 10 })
    #expect(!items.contains(since: start) { $0 == 5 })
  }

  @Test func aReadThatLastsTooLongIsDoneAgain() {
    var items = ForgottenItems<Int>()
    let start = items.now
    for item in 0..<70_000 { items.add(item, isRead: true) }
    #expect(items.contains(since: start) { _ in false })
  }
}
