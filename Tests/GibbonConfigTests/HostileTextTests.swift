// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonConfig

/// The same numbers for the same seed.
private struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (self.state ^ (self.state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

@Suite struct HostileTextTests {
  /// Pieces that mean something to some parser, and some that mean nothing to any.
  private static let pieces = [
    "", " ", ",", ":", "::", "[", "]", "=", "#", "\\", "\n", "/", "{vault://", "env", "}", "%", "%4", "?prefix=", "&",
    "unix:", "off", "on", "auto", "0", "9", "255", "65536", "99999999999999999999", "k", "g", "ms", "y", "-", "+", ".",
    "0.0.0.0", "ssl", "backlog=", "so_keepalive=", "'", "\"", "escape=", "json", "é", "\u{0}", "🦧", "\"a\":", "\\u",
    "d83d",
  ]

  private static func text(_ random: inout Seeded) -> String {
    (0..<Int.random(in: 0...8, using: &random)).map { _ in self.pieces.randomElement(using: &random) ?? "" }.joined()
  }

  @Test(arguments: 1...8)
  func noTextTraps(_ seed: UInt64) {
    var random = Seeded(state: seed)
    let types = Set(PropertyTable.all.map(\.type))
    for _ in 0..<500 {
      let text = Self.text(&random)
      for type in types { _ = type.fault(in: text) }
      _ = problems("pg_user = {vault://\(text)}", environment: ["ENV": text])
    }
  }

  @Test(arguments: 1...8)
  func noFileTraps(_ seed: UInt64) {
    var random = Seeded(state: seed)
    for _ in 0..<20 {
      let lines = (0..<20).map { _ in
        (PropertyTable.all.randomElement(using: &random)?.name ?? "") + "=" + Self.text(&random)
      }
      _ = problems(lines.joined(separator: "\n"), environment: ["GIBBON_LOG_LEVEL": Self.text(&random)])
    }
  }
}
