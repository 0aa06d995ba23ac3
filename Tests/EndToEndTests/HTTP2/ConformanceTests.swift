// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// HTTP/2 as clients must find it: the cases of h2spec, played by `Tests/Peers/h2spec.py`.
@Suite struct ConformanceTests {
  private let origin: Origin
  private let gateway: GatewayProcess

  /// How many cases each part has, so that none goes missing.
  static let parts: [(String, Int)] = [
    ("generic", 44), ("3", 2), ("4", 9), ("5", 22), ("6", 42), ("7", 2), ("8", 18), ("hpack", 8),
  ]

  init() throws {
    self.origin = try Origin { exchange in try exchange.echo() }
    self.gateway = try ClientVersionTests.gateway(self.origin)
  }

  @Test(arguments: Self.parts) func everyCaseIsAnsweredAsItShould(part: String, count: Int) throws {
    let result = try Peers.run(
      "h2spec.py", ["127.0.0.1", "\(self.gateway.port)", "--only", part, "--timeout", "5"],
      in: self.gateway.folder)
    let lines = result.output.split(separator: "\n")
    for line in lines.dropLast() where !line.hasPrefix("ok ") { Issue.record("\(line)") }
    #expect(result.code == 0 && lines.last == "\(count) tests, 0 failed", "\(result.all)")
  }
}
