// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonRegex

/// The linear engine finds what PCRE2 finds, with the same groups, and takes steps in proportion to the text.
@Suite struct LinearSearchTests {
  private let scratch = RegexScratch()

  private func ranges(_ regex: Regex) -> [Range<Int>?] {
    (0...regex.groupCount).map { self.scratch.range(ofGroup: $0) }
  }

  /// Searches with the linear engine alone.
  private func linear(_ regex: Regex, _ text: String) throws -> (RegexOutcome, [Range<Int>?]) {
    let program = try #require(regex.linear)
    let bytes = Array(text.utf8)
    var budget = RegexBudget()
    let outcome = self.scratch.search(program, bytes.span, budget: &budget)
    return (outcome, outcome == .matched ? self.ranges(regex) : [])
  }

  /// Searches with PCRE2 alone, under no limit worth the name.
  private func backtracking(_ regex: Regex, _ text: String) -> (RegexOutcome, [Range<Int>?]) {
    let bytes = Array(text.utf8)
    self.scratch.forgetLinear()
    let outcome = regex.backtrack(bytes.span, scratch: self.scratch, limit: 10_000_000)
    return (outcome, outcome == .matched ? self.ranges(regex) : [])
  }

  @Test(arguments: [
    "(a+)+$", "^(a+)+$", "(a|aa)+$", "(?:a?){20}a{20}$", "(a*)*b", "(a|a)*?b", "([a-z]+)*-", "(.*)*x", "(?:(?:a+)+)+!",
    "(\\w+\\s?)+$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(?i)(A+)+B", "(a?)*c", ".*.*.*=.*", "(x+x+)+y", "(?:a|b|ab)*c",
    "^(?:/(?:[^/]+/?)*)*$|q",
  ])
  func catastrophicPatternsAreDecided(_ pattern: String) throws {
    for options in [[], .anchored] as [Regex.Options] {
      let regex = try Regex.compile(pattern, options: options)
      #expect(regex.isLinear)
      for text in [String(repeating: "a", count: 3_000) + "!", String(repeating: "xa", count: 1_500)] {
        let bytes = Array(text.utf8)
        #expect(regex.match(bytes.span, scratch: self.scratch) != .limitExceeded, "\(pattern)")
      }
    }
  }

  @Test(arguments: ["^(a+)+$", "(a|aa)+$", "([a-z]+)*-", "(?:a?){8}a{8}$", ".*.*=.*x"])
  func stepsGrowAsTheText(_ pattern: String) throws {
    let program = try #require(try Regex.compile(pattern).linear)
    func steps(_ count: Int) -> Int {
      let bytes = [UInt8](repeating: 0x61, count: count) + [0x21]
      var budget = RegexBudget()
      #expect(self.scratch.search(program, bytes.span, budget: &budget) != .limitExceeded)
      return RegexBudget.standard - budget.steps
    }
    let (short, long) = (steps(200), steps(2_000))
    #expect(long <= 11 * short, "\(short) steps for 200 bytes, \(long) for 2,000")
  }

  @Test(arguments: [
    "a(?=b)", "a(?!b)", "(?<=a)b", "(?<!a)b", "(a)\\1", "(?<n>a)\\k<n>", "(?>a+)b", "a++b", "(?|a|b)", "a\\Kb",
    "(?x) a b",
    "(x)?(?(1)a|b)", "(a)(?1)", "\\Qa.b\\E", "\\Ga", "\\Ra", "(*ANYCRLF)a", "a(?#comment)",
    "[[:^upper:]](?i)[[:^lower:]]",
    "(a{100}){100}", "\\011", "\\p{L}", "(?U)a+", "a{,2}",
  ])
  func whatIsNotRegularIsLeftToPCRE(_ pattern: String) throws {
    #expect(try !Regex.compile(pattern).isLinear)
  }

  @Test(arguments: [
    ("(a)|(b)", "b"), ("(a*)(ab)?", "aab"), ("(a|ab)(c|bcd)(d*)", "abcd"), ("(?:(a)|b)*", "ab"), ("(a+?)(a*)", "aaa"),
    ("a{2,3}?b", "aaab"), ("^$", ""), ("$", "a\n"), ("a\\Z", "a\n"), ("a\\z", "a\n"), ("(?m)^b$", "a\nb\nc"),
    ("\\bfoo\\b", "a foo."), ("\\Boo", "foo"), ("[]a]+", "x]a"), ("[^]a]+", "]ax"), ("[a\\-z]+", "x-z"),
    ("[+--]+", "a,-"),
    ("(?i)straSSe", "STRASSE"), ("(?i:a)b", "Ab"), ("a(?i)b|C", "c"), ("[[:alpha:][:digit:]_-]+", "!a-1_"),
    ("\\x41", "A"),
    (".", "\n"), ("(?s).", "\n"), ("a{x}", "a{x}"), ("(?<y>\\d{4})-(?P<m>\\d\\d)", "on 2024-05"),
    ("(|a)b", "ab"), ("x*", "aaa"), ("(a??)(b?)", "ab"), ("\\h\\v", " \n"), ("[\\w.]+@", "a.b@c"), ("\\.", "."),
  ])
  func patternsMeanWhatTheyMeanToPCRE(_ pattern: String, _ text: String) throws {
    let regex = try Regex.compile(pattern)
    let expected = self.backtracking(regex, text)
    let found = try self.linear(regex, text)
    #expect(found.0 == expected.0)
    #expect(found.1 == expected.1)
  }

  private static let atoms = [
    "a", "b", "c", "-", ".", "\\w", "\\d", "[ab]", "[^a]", "[a-c-]", "(a)", "(b|ab)", "(?:a|bc)", "(?:ab|a)", "^", "$",
    "\\b", "(a(b)?)", "(?<n>c)", "\\n", "[[:alpha:]]", "(?i)B", "(?:c(?i)A)", "\\Z",
  ]
  private static let counts = ["", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}?", "{2,}"]
  private static let texts = ["a", "b", "c", "ab", "aab", "abc", "-", "1", "B", "\n", "a\n", ""]

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func randomPatternsDecideAsPCREDoes(_ seed: UInt64) throws {
    var random = Generator(state: seed)
    var compared = 0
    for _ in 0..<1_500 {
      var pattern = ""
      for _ in 0..<Int.random(in: 1...5, using: &random) {
        pattern += random.pick(Self.atoms) + random.pick(Self.counts)
        if random.next() % 9 == 0 { pattern += "|" }
      }
      if random.next() % 4 == 0 { pattern = "(?:\(pattern))" + random.pick(Self.counts) + "c?" }
      let options: Regex.Options = random.pick([[], .anchored, .caseInsensitive, .dollarEndOnly])
      guard let regex = try? Regex.compile(pattern, options: options), regex.isLinear else { continue }
      var parser = LinearParser(pattern, options: options)
      let repeatsEmpty = try parser.parse().repeatsEmpty
      for _ in 0..<5 {
        let text = (0..<Int.random(in: 0...5, using: &random)).map { _ in random.pick(Self.texts) }.joined()
        let expected = self.backtracking(regex, text)
        let found = try self.linear(regex, text)
        compared += 1
        #expect(found.0 == expected.0, "\(pattern) on \(text.debugDescription)")
        // Where something empty is repeated, only the decision is the same.
        if !repeatsEmpty { #expect(found.1 == expected.1, "\(pattern) on \(text.debugDescription)") }
      }
    }
    #expect(compared > 2_000)
  }
}

extension LinearNode {
  /// Whether something that may be empty is repeated without end.
  fileprivate var repeatsEmpty: Bool {
    switch self {
    case .empty, .set, .assertion: false
    case .sequence(let parts), .alternatives(let parts): parts.contains(where: \.repeatsEmpty)
    case .group(let inner, _): inner.repeatsEmpty
    case .repeated(let inner, let repetition):
      inner.repeatsEmpty || (repetition.maximum == nil && inner.mayBeEmpty)
    }
  }
}

/// SplitMix64.
private struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var z = self.state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func pick<T>(_ items: [T]) -> T { items[Int.random(in: 0..<items.count, using: &self)] }
}
