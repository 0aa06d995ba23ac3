// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonStore
import Testing

@testable import GibbonStorePostgres

/// What the server's codes mean to those who use the store.
@Suite struct RefusalTests {
  private enum Meaning { case layout, unavailable, failure }

  private func meaning(_ state: String) -> Meaning? {
    switch Refusal(state: state, message: "m", table: nil, constraint: nil).storeError {
    case .layout: .layout
    case .unavailable: .unavailable
    case .failure: .failure
    default: nil
    }
  }

  @Test func tablesThatAreMissingAreALayout() {
    for state in ["42P01", "42703", "3F000"] { #expect(self.meaning(state) == .layout, "\(state)") }
  }

  @Test func whatPassesIsUnavailable() {
    let states = ["57014", "55P03", "57P01", "57P03", "08006", "40001", "40P01", "53100", "53300", "58030", "25006"]
    for state in states { #expect(self.meaning(state) == .unavailable, "\(state)") }
  }

  @Test func anythingElseIsAFailure() {
    for state in ["22P02", "42501", "XX000", ""] { #expect(self.meaning(state) == .failure, "\(state)") }
  }

  @Test func aCommitWithoutAnAnswerSaysSo() {
    let error = StoreError(postgres: PostgresFault.inDoubt("closed"))
    guard case .unavailable(let reason) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(reason.contains("may or may not have been done"))
  }
}
