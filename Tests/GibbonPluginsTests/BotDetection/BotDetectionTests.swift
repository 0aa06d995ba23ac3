// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonPluginAPI
import GibbonSchema
import Testing

@testable import GibbonPlugins

@Suite struct BotDetectionTests {
  private static let facebook = "facebookexternalhit/1.1"

  private static func decide(_ config: JSONValue, _ agents: String...) throws -> String {
    let request = try FakeRequest(headers: agents.map { ("User-Agent", $0) })
    return words(try instance(BotDetectionPlugin.self, config).access(request.context))
  }

  @Test(
    arguments: [
      ([:], "curl/7.43.0", "next"), ([:], "HelloWorld", "next"), ([:], "", "next"),
      ([:], "facebookexternalhit/1.1", "403 Forbidden"),
      ([:], "Googlebot/2.1 (+http://www.google.com/bot.html)", "403 Forbidden"),
      (["deny": ["HelloWorld"]], "HelloWorld", "403 Forbidden"), (["deny": ["HelloWorld"]], "hello", "next"),
      (["deny": ["^.{3}$"]], "  abc\t ", "403 Forbidden"), (["deny": ["^$"]], "", "403 Forbidden"),
      (["allow": ["facebookexternalhit/1.1"]], "facebookexternalhit/1.1", "next"),
      (["allow": ["facebookexternalhit"]], "Googlebot/2.1", "403 Forbidden"),
      // What is allowed is looked at first.
      (["allow": ["o W"], "deny": ["Hello"]], "Hello World", "next"),
      (["allow": .null, "deny": .null], "bingbot", "403 Forbidden"),
    ] as [(JSONValue, String, String)])
  func programsAreLetInOrNot(config: JSONValue, agent: String, expected: String) throws {
    #expect(try Self.decide(config, agent) == expected)
  }

  @Test func aRequestWithoutANamePasses() throws {
    #expect(try Self.decide(["deny": [".", "^$"]]) == "next")
  }

  @Test func severalNamesAreRefused() throws {
    #expect(try Self.decide([:], "curl/7", "curl/7") == "400 Only one User-Agent header allowed")
    #expect(try Self.decide(["allow": ["curl"]], "curl/7", "curl/7") == "400 Only one User-Agent header allowed")
  }

  /// A search that is given up neither lets in nor passes by what is denied.
  @Test func namesThatExhaustASearchStayOutside() throws {
    let agent = String(repeating: "a", count: 4000) + "!"
    let expression: JSONValue = ["(a+)+(?!b)$"]
    #expect(try Self.decide(["deny": expression], agent) == "403 Forbidden")
    #expect(try Self.decide(["allow": expression, "deny": ["!"]], agent) == "403 Forbidden")
  }

  @Test func namesAreBytes() throws {
    #expect(try Self.decide(["deny": ["é"]], "aé") == "403 Forbidden")
    #expect(try Self.decide(["deny": ["^.$"]], "é") == "next")
  }

  @Test func badConfigurationsAreRefused() throws {
    let bad = #"(https?:\/\/.*"#
    #expect(outcome("bot-detection", ["allow": [.string(bad)]]).contains("not a valid regex: \(bad)"))
    #expect(outcome("bot-detection", ["deny": [.string(bad)]]).contains("not a valid regex: \(bad)"))
    #expect(outcome("bot-detection", ["deny": "bot"]).contains("expected an array"))
    #expect(outcome("bot-detection", [:], ["consumer": ["id": "x"]]).contains("consumer"))
    #expect(outcome("bot-detection", [:]) == #"{"allow":[],"deny":[]}"#)
  }
}
