// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonTesting
import Testing

@testable import GibbonEngine

@Suite struct CertificateIndexTests {
  private static func id(_ number: Int) -> EntityID { EntityID(high: 1, low: UInt64(number)) }

  private static func entry(_ number: Int, _ source: CertificateEntry.Source = .unusable("made up")) -> CertificateEntry
  {
    CertificateEntry(id: Self.id(number), source: source)
  }

  /// Certificates from 0 up, each with one name.
  private static func index(_ names: [String]) -> CertificateIndex {
    var index = CertificateIndex()
    for (number, name) in names.enumerated() {
      index.put(Self.entry(number))
      index.put(name, of: Self.id(1000 + number), certificate: Self.id(number))
    }
    return index
  }

  private static func found(_ name: String, _ index: CertificateIndex) -> Int? {
    let bytes = Array(name.utf8)
    return index.entry(for: bytes.span).map { Int($0.id.low) }
  }

  // MARK: Order

  private static let names = ["a.example.com", "*.example.com", "a.example.*", "*", "example.com", "*.com", "b.*"]

  @Test(arguments: [
    ("a.example.com", 0), ("A.EXAMPLE.Com", 0), ("a.example.com.", 0),
    ("b.example.com", 1), ("a.example.org", 2), ("example.com", 4), ("other.com", 5), ("b.org", 6),
    ("a.b.example.com", 3), ("localhost", 3), ("x.y.z", 3), ("", 3), (".", 3),
  ])
  func theNearestNameCounts(_ name: String, _ number: Int) {
    #expect(Self.found(name, Self.index(Self.names)) == number)
  }

  @Test func aNameInFrontGoesBeforeOneBehind() {
    let index = Self.index(["a.example.*", "*.example.com"])
    #expect(Self.found("a.example.com", index) == 1)
    #expect(Self.found("a.example.net", index) == 0)
  }

  @Test func withoutAStarOthersHaveTheDefault() {
    let index = Self.index(["a.example.com", "*.example.com"])
    #expect(Self.found("example.com", index) == nil)
    #expect(Self.found("localhost", index) == nil)
    #expect(Self.found("", index) == nil)
    #expect(CertificateIndex().isEmpty && Self.found("a", CertificateIndex()) == nil)
  }

  @Test(arguments: [
    ".", "..", "...", ".a", "a.", "a..", "a..b", ".example.com", "*", "*.", ".*", "*.*", "a.*.com", "\0",
    "a\0.example.com",
    String(repeating: "a", count: 256), String(repeating: "a.", count: 127), String(repeating: ".", count: 255),
    "é.example.com", "xn--9ca.example", "1.2.3.4", "[::1]",
  ])
  func hostileNamesFindNothingOrAName(_ name: String) {
    let index = Self.index(["a.b.c", "*.b.c"])
    #expect(Self.found(name, index) == nil)
    // With every form there is, nothing goes wrong either.
    _ = Self.found(name, Self.index(Self.names))
  }

  // MARK: Changes

  @Test func aReplacedCertificateIsReplacedForAllItsNames() {
    var index = CertificateIndex()
    index.put(Self.entry(1))
    for number in 0..<100 { index.put("n\(number).test", of: Self.id(100 + number), certificate: Self.id(1)) }
    let before = index
    let next = Self.entry(1)
    index.put(next)
    let name = Array("n7.test".utf8)
    #expect(index.entry(for: name.span) === next)
    #expect(before.entry(for: name.span) !== next && before.entry(for: name.span) != nil)
  }

  @Test func ofNamesThatDifferInCaseTheLeastCountsAndTheOtherStays() {
    var index = CertificateIndex()
    index.put(Self.entry(1))
    index.put(Self.entry(2))
    index.put("A.test", of: Self.id(20), certificate: Self.id(2))
    index.put("a.test", of: Self.id(10), certificate: Self.id(1))
    #expect(Self.found("a.Test", index) == 1)
    index.remove("a.test", of: Self.id(10))
    #expect(Self.found("a.test", index) == 2)
  }

  @Test func changesOneByOneAreThoseOfADictionary() {
    var index = CertificateIndex()
    var model: [String: Int] = [:]
    var number = UInt64(7)
    for step in 0..<20_000 {
      number = number &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let place = Int(number >> 33) % 5000
      let name = "n\(place).test"
      if step % 3 == 0 {
        index.remove(name, of: Self.id(10_000 + place))
        model[name] = nil
      } else {
        index.put(Self.entry(step % 50))
        index.put(name, of: Self.id(10_000 + place), certificate: Self.id(step % 50))
        model[name] = step % 50
      }
    }
    for place in 0..<5000 { #expect(Self.found("n\(place).test", index) == model["n\(place).test"]) }
  }

  @Test func authoritiesAreFoundByID() {
    var index = CertificateIndex()
    index.putAuthority(Self.id(1), "one")
    index.putAuthority(Self.id(2), "two")
    index.removeAuthority(Self.id(1))
    #expect(index.authority(Self.id(1)) == nil && index.authority(Self.id(2)) == "two")
  }

  // MARK: Reading certificates

  @Test func aCertificateIsReadWhenItIsNeededFirstAndOnce() {
    let pair = CertificateEntry.Pair(
      certificate: TestCertificates.first.certificate, key: TestCertificates.first.key)
    let entry = Self.entry(1, .pairs([pair]))
    #expect(!entry.isMade)
    let first = entry.identity { Issue.record("\($0)") }
    #expect(first != nil && entry.isMade)
    #expect(entry.identity { _ in } === first)
    #expect(entry.isMade(of: .pairs([pair])) && !entry.isMade(of: .pairs([])))
  }

  @Test func whatCannotBeUsedIsSaidOnce() {
    let mixed = CertificateEntry.Pair(
      certificate: TestCertificates.first.certificate, key: TestCertificates.second.key)
    for source in [CertificateEntry.Source.unusable("no value found"), .pairs([mixed])] {
      let entry = Self.entry(1, source)
      var said: [String] = []
      for _ in 0..<3 { #expect(entry.identity { said.append($0) } == nil) }
      #expect(said.count == 1 && said.first?.contains("\(Self.id(1)) cannot be used") == true, "\(said)")
    }
  }
}
