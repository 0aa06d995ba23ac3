// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Attacks of clients, played by `Tests/Peers/http2_attacks.py` while an honest client asks beside them.
///
/// How long the honest one waits says little in a build without optimization, with other tests beside it: here it must
/// be answered at all. The benchmark looks at the time.
@Suite(.serialized) struct AttackTests {
  private let origin: Origin
  private let gateway: GatewayProcess
  private let isOver = Gate()

  init() throws {
    let isOver = self.isOver
    self.origin = try Origin { exchange in
      switch exchange.target {
      case "/large": try exchange.respond(body: String(repeating: "x", count: 1_000_000))
      case "/stall":
        // Nothing of the body is read.
        try? isOver.wait(seconds: 60)
        isOver.open()
        exchange.close()
      default: try exchange.respond(body: "ok")
      }
    }
    self.gateway = try ClientVersionTests.gateway(self.origin)
  }

  /// By row of the list in `docs/http2.md`. 21 is about services.
  @Test(arguments: Array(1...20) + [22]) func attacksCostLittle(row: Int) throws {
    defer { self.isOver.open() }
    let result = try Peers.run(
      "http2_attacks.py",
      [
        "127.0.0.1", "\(self.gateway.port)", "--pid", "\(self.gateway.processID)", "--row", "\(row)", "--seconds", "1",
        "--patience", "5000",
      ], in: self.gateway.folder)
    let lines = result.output.split(separator: "\n")
    for line in lines.dropLast() where !line.hasPrefix("ok ") { Issue.record("\(line)") }
    #expect(result.code == 0 && lines.last?.hasSuffix(" attacks, 0 failed") == true, "\(result.all)")
    #expect(self.gateway.exitCode == nil)
  }
}
