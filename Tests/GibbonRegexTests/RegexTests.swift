// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonRegex
import Testing

@Suite struct RegexTests {
  private let scratch = RegexScratch()

  private func outcome(_ pattern: String, _ text: String, _ options: Regex.Options = []) throws -> RegexOutcome {
    let regex = try Regex.compile(pattern, options: options)
    let bytes = Array(text.utf8)
    return regex.match(bytes.span, scratch: self.scratch)
  }

  @Test(arguments: [
    ("/a/\\d+", "/a/12", true), ("/a/\\d+", "/a/x", false), ("", "", true), ("^$", "", true), ("a", "", false),
    ("\\xff", "ÿ", false), ("b", "abc", true),
  ])
  func searchesBytes(_ pattern: String, _ text: String, _ expected: Bool) throws {
    #expect(try self.outcome(pattern, text) == (expected ? .matched : .noMatch))
  }

  @Test func optionsChangeTheSearch() throws {
    #expect(try self.outcome("abc", "xABC") == .noMatch)
    #expect(try self.outcome("abc", "xABC", .caseInsensitive) == .matched)
    #expect(try self.outcome("abc", "xABC", [.caseInsensitive, .anchored]) == .noMatch)
    #expect(try self.outcome("a$", "a\n") == .matched)
    #expect(try self.outcome("a$", "a\n", .dollarEndOnly) == .noMatch)
  }

  @Test func groupsHaveRangesAndNamesInBothSpellings() throws {
    let regex = try Regex.compile("/(?<first>\\w+)/(x)?(?P<second>\\d+)")
    #expect(regex.groupCount == 3)
    #expect(regex.groupNames.map(\.name) == ["first", "second"])
    #expect(regex.groupNames.map(\.group) == [1, 3])
    let bytes = Array("..//ab/42".utf8)
    #expect(regex.match(bytes.span, scratch: self.scratch) == .matched)
    #expect(self.scratch.range(ofGroup: 0) == 3..<9)
    #expect(self.scratch.range(ofGroup: 1) == 4..<6)
    #expect(self.scratch.range(ofGroup: 2) == nil)
    #expect(self.scratch.range(ofGroup: 3) == 7..<9)
    #expect(self.scratch.range(ofGroup: 4) == nil)
    #expect(self.scratch.range(ofGroup: -1) == nil)
  }

  @Test func manyGroupsFitAfterGrowth() throws {
    let regex = try Regex.compile(String(repeating: "(.)", count: 100))
    let bytes = [UInt8](repeating: 0x61, count: 100)
    #expect(regex.match(bytes.span, scratch: self.scratch) == .matched)
    #expect(self.scratch.range(ofGroup: 100) == 99..<100)
  }

  @Test(arguments: [("a(b", 3), ("[z", 2), ("*a", 0), ("(?<n>a)(?<n>b)", 12), ("a\\Cb", 3)])
  func badPatternsAreRefusedWithAnOffset(_ pattern: String, _ offset: Int) {
    let error = #expect(throws: RegexError.self) { try Regex.compile(pattern) }
    #expect(error?.offset == offset)
    #expect(error?.message.isEmpty == false)
  }

  @Test func patternsCannotSwitchCheckedModesOn() {
    #expect(throws: RegexError.self) { try Regex.compile("(*UTF)a") }
    #expect(throws: RegexError.self) { try Regex.compile("(*UCP)a") }
    #expect(throws: RegexError.self) { try Regex.compile(String(repeating: "a", count: Regex.patternLimit + 1)) }
  }

  @Test(arguments: ["^(a+)+(?!b)$", "(?=a)(a|aa)+$", "^(?:a?){40}a{40}(?<=b)$", "(a+)+\\1$"])
  func catastrophicPatternsThatAreNotRegularMeetTheLimit(_ pattern: String) throws {
    let text = String(repeating: "a", count: 39) + "!"
    #expect(try self.outcome(pattern, text) == .limitExceeded)
    // The scratch is as good as before.
    #expect(try self.outcome("a!", text) == .matched)
  }

  @Test func theLimitHoldsForTheWholeSearchNotForEachStart() throws {
    // Each start takes some steps, and there are many starts: no start by itself would meet the limit.
    let regex = try Regex.compile("(?=a)(?:a?){10}a{10}[bc]")
    let bytes = [UInt8](repeating: 0x61, count: 4_000)
    #expect(regex.match(bytes.span, scratch: self.scratch) == .limitExceeded)
    #expect(regex.match([UInt8]("aaaaaaaaaaab".utf8).span, scratch: self.scratch) == .matched)
  }

  @Test func aSpentBudgetEndsEverySearch() throws {
    let regex = try Regex.compile("(a+)+$")
    let bytes = [UInt8](repeating: 0x61, count: 2_000) + [0x21]
    var budget = RegexBudget()
    var searches = 0
    while regex.match(bytes.span, scratch: self.scratch, budget: &budget) == .noMatch { searches += 1 }
    #expect((1...400).contains(searches))
    #expect(budget.isSpent)
    #expect(try Regex.compile("b").match(bytes.span, scratch: self.scratch, budget: &budget) == .limitExceeded)
  }

  @Test func aRegexIsSharedByThreads() async throws {
    let regex = try Regex.compile("/(\\d+)")
    await withTaskGroup(of: Bool.self) { group in
      for number in 0..<8 {
        group.addTask {
          let scratch = RegexScratch()
          let bytes = Array("/\(number)".utf8)
          return (0..<200).allSatisfy { _ in regex.match(bytes.span, scratch: scratch) == .matched }
        }
      }
      for await matched in group { #expect(matched) }
    }
  }
}
