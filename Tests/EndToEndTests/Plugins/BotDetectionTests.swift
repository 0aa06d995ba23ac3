// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// The bot-detection plugin (facts: plugins.md 2).
@Suite struct BotDetectionTests {
  private static let googlebot = "Googlebot/2.1 (+http://www.google.com/bot.html)"

  private func fixture(_ config: String) throws -> Fixture {
    try Fixture(global: "plugins:\n- name: bot-detection\n  config: {\(config)}\n")
  }

  private func status(_ fixture: Fixture, _ agents: String...) throws -> Int {
    try fixture.gateway.get(headers: agents.map { ("User-Agent", $0) }).status
  }

  @Test func knownBotsStayOutside() throws {
    let fixture = try self.fixture("")
    #expect(try self.status(fixture) == 200)
    #expect(try self.status(fixture, "curl/7.43.0") == 200)
    let headers = [("User-Agent", Self.googlebot), ("Accept", "application/json")]
    let refused = try fixture.gateway.get(headers: headers)
    #expect(refused.status == 403 && refused.text.contains(#""message":"Forbidden""#))
    #expect(fixture.origin.requests.count == 2)
  }

  @Test func expressionsDecideBeforeTheList() throws {
    let fixture = try self.fixture("allow: [Googlebot], deny: ['^Hello', bot]")
    #expect(try self.status(fixture, Self.googlebot) == 200)
    #expect(try self.status(fixture, "HelloWorld") == 403)
    #expect(try self.status(fixture, "World, Hello") == 200)
  }

  @Test func severalNamesAreRefused() throws {
    let fixture = try self.fixture("")
    let headers = [("User-Agent", "a"), ("Accept", "application/json"), ("User-Agent", "b")]
    let refused = try fixture.gateway.get(headers: headers)
    #expect(refused.status == 400 && refused.text.contains("Only one User-Agent header allowed"))
  }
}
