// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import GibbonStore
import Testing

/// Texts that try to make the parser slow, large or wrong.
@Suite struct HostileYAMLTests {
  private func message(_ text: String) -> String {
    switch parse(text, format: .yaml) {
    case .success: "valid"
    case .failure(let errors): errors.problems.first?.message ?? "no problem"
    }
  }

  @Test func aliasesDoNotExplode() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...20 {
      let alias = "*a\(level - 1)"
      text += "a\(level): &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ", "))]\n"
    }
    #expect(self.message(text).contains("aliases expand to more than"))
  }

  @Test func depthIsLimited() {
    // Either limit: ours, or the one of libyaml, whose scanner looks ahead.
    #expect(self.message(String(repeating: "[", count: 100_000)).contains("nest"))
    #expect(self.message(String(repeating: "- ", count: 5000) + "x").contains("nested deeper than 64 levels"))
  }

  @Test(arguments: [
    ("a: *b", "unknown anchor 'b'"), ("a: &a [*a]", "unknown anchor 'a'"), ("<<: x", "'<<' needs a mapping"),
    ("? [a]\n: b", "expected a scalar as key"), ("a: b: c", "mapping values are not allowed"),
    ("a: !!int x", "the value does not fit its tag 'tag:yaml.org,2002:int'"), ("a: 'b", "unexpected end of stream"),
    ("--- {}\n--- {}", "more than one document"), ("a: \u{1}", "control characters"),
    ("\ta: 1", "cannot start any token"),
  ])
  func malformedTextsAreNamed(text: String, problem: String) {
    let found = self.message(text)
    #expect(found.contains(problem), "\(found)")
  }

  @Test func invalidUTF8IsRefused() {
    let parser = DeclarativeParser(registry: registry, validator: Validator(now: 0))
    for bytes in [[0x61, 0x3A, 0x20, 0xFF], [0xFF, 0xFE, 0x61, 0x00], [0xC0, 0x80]] as [[UInt8]] {
      #expect(throws: DeclarativeErrors.self) { try parser.parse(bytes, format: .yaml).get() }
    }
  }

  @Test func everyPrefixOfAFileIsReadOrRefused() {
    let text = """
      _format_version: "3.0"
      services: &s
      - {name: "a\\u0041", host: 'b', tags: [x, !!str 1]}
      - <<: {host: c}
        path: >-
          /folded
      """
    let bytes = Array(text.utf8)
    let parser = DeclarativeParser(registry: registry, validator: Validator(now: 0))
    var valid = 0
    for count in 0...bytes.count {
      if case .success = parser.parse(Array(bytes.prefix(count))) { valid += 1 }
    }
    #expect(valid > 0)
  }

  @Test func damagedFilesNeverTrap() throws {
    let source = Array(
      """
      {"_format_version": "3.0", "services": [{"name": "a", "host": "b", "port": 80, "routes": [{"paths": ["/x"]}]}],
       "plugins": [{"name": "key-auth", "service": "a"}], "upstreams": [{"name": "u", "targets": [{"target": "t"}]}]}
      """.utf8)
    var seed: UInt64 = 42
    func random(_ bound: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % bound
    }
    let parser = DeclarativeParser(registry: registry, validator: Validator(now: 0))
    var refused = 0
    for _ in 0..<400 {
      var bytes = source
      for _ in 0...random(3) { bytes[random(bytes.count)] = UInt8(random(256)) }
      if case .failure = parser.parse(bytes) { refused += 1 }
    }
    #expect(refused > 100)
  }
}
