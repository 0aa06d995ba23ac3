// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

@testable import GibbonCQL
import Testing

@Suite struct RetryRuleTests {
  private func judge(_ code: Int32, _ isIdempotent: Bool) -> RetryRule {
    RetryRule.judge(.server(ServerError(code: code, message: "m")), isIdempotent: isIdempotent)
  }

  @Test func `where nothing was done another node is asked`() {
    for isIdempotent in [true, false] {
      #expect(self.judge(0x1000, isIdempotent) == RetryRule(error: .tooFewReplicas("m"), mayGoOn: true))
      #expect(self.judge(0x1001, isIdempotent) == RetryRule(error: .tooFewReplicas("m"), mayGoOn: true))
      #expect(self.judge(0x1002, isIdempotent) == RetryRule(error: .unavailable("m"), mayGoOn: true))
      #expect(RetryRule.judge(.request(.notSent("m")), isIdempotent: isIdempotent).mayGoOn)
    }
  }

  @Test(arguments: [0x1100, 0x1200, 0x1500, 0x1700] as [Int32])
  func `what may have been done is done again only if that is the same`(_ code: Int32) {
    #expect(self.judge(code, false) == RetryRule(error: .unknownOutcome("m"), mayGoOn: false))
    #expect(self.judge(code, true) == RetryRule(error: .unknownOutcome("m"), mayGoOn: true))
  }

  @Test func `a connection that ends or says nothing leaves the outcome open`() {
    #expect(
      RetryRule.judge(.request(.lost("m")), isIdempotent: false)
        == RetryRule(error: .unknownOutcome("m"), mayGoOn: false))
    #expect(RetryRule.judge(.request(.timedOut), isIdempotent: true).mayGoOn)
    #expect(!RetryRule.judge(.request(.timedOut), isIdempotent: false).mayGoOn)
    #expect(RetryRule.judge(.request(.malformed("m")), isIdempotent: false).error == .malformed("m"))
  }

  @Test(arguments: [0x0000, 0x000A, 0x0100, 0x1300, 0x2000, 0x2100, 0x2200, 0x2400, 0x2500] as [Int32])
  func `a refusal is a refusal at every node`(_ code: Int32) {
    #expect(self.judge(code, true) == RetryRule(error: .refused(code: code, "m"), mayGoOn: false))
  }

  @Test func `pauses grow from 50 ms to 10 s, and begin anew`() {
    var backoff = Backoff()
    let pauses = (0..<12).map { _ in backoff.next() }
    #expect((25...50).contains(pauses[0]))
    #expect((50...100).contains(pauses[1]))
    #expect(pauses.allSatisfy { $0 <= Backoff.longest })
    #expect((5_000...10_000).contains(pauses[11]))
    backoff.reset()
    #expect(backoff.next() <= 50)
  }

  @Test func `an operation is idempotent if it reads or says so`() {
    var write = CQLStatement("UPDATE t SET a = ?")
    #expect(!Operation.statement(write).isIdempotent)
    write.isIdempotent = true
    #expect(Operation.statement(write).isIdempotent)
    #expect(Operation.statement(CQLStatement("SELECT 1")).isIdempotent)
    #expect(Operation.batch([write], .logged).isIdempotent)
    #expect(!Operation.batch([], .logged).isIdempotent)
  }
}
