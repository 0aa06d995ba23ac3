// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonHTTP1
import Testing

/// Every case of the golden files, whole, byte by byte and cut at every place in two.
@Suite struct FixtureTests {
  @Test(arguments: Fixture.all("request"))
  func request(_ fixture: Fixture) {
    Self.check(fixture) { Dump.request(fixture.input, limits: fixture.limits, cuts: $0) }
  }

  @Test(arguments: Fixture.all("response"))
  func response(_ fixture: Fixture) {
    Self.check(fixture) { Dump.response(fixture.input, limits: fixture.limits, cuts: $0) }
  }

  @Test(arguments: Fixture.all("chunked"))
  func chunked(_ fixture: Fixture) {
    Self.check(fixture) { Dump.chunked(fixture.input, limits: fixture.limits, cuts: $0) }
  }

  @Test(arguments: Fixture.all("chunked-service"))
  func chunkedByAService(_ fixture: Fixture) {
    Self.check(fixture) { Dump.chunked(fixture.input, limits: fixture.limits, isLoose: true, cuts: $0) }
  }

  /// What a client may send, a service may too, and it means the same.
  @Test(arguments: Fixture.all("chunked").filter { !$0.expected.contains { $0.hasPrefix("failed") } })
  func whatIsStrictIsLoose(_ fixture: Fixture) {
    Self.check(fixture) { Dump.chunked(fixture.input, limits: fixture.limits, isLoose: true, cuts: $0) }
  }

  /// The folders are found: no case at all would pass in silence otherwise.
  @Test func fixturesAreThere() {
    #expect(Fixture.all("request").count > 80)
    #expect(Fixture.all("response").count > 25)
    #expect(Fixture.all("chunked").count > 30)
    #expect(Fixture.all("chunked-service").count > 20)
  }

  private static func check(_ fixture: Fixture, _ dump: ([Int]) -> [String]) {
    let count = fixture.input.count
    #expect(dump([]) == fixture.expected, "whole")
    #expect(dump(Array(0..<count)) == fixture.expected, "byte by byte")
    var wrong: [Int] = []
    for cut in 0...count where dump([cut]) != fixture.expected { wrong.append(cut) }
    #expect(wrong.isEmpty, "cut in two")
  }
}
