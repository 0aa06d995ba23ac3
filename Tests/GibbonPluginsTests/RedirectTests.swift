// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonPluginAPI
import GibbonSchema
import Testing

@testable import GibbonPlugins

@Suite struct RedirectTests {
  private static func location(_ config: JSONValue, _ request: FakeRequest) throws -> String? {
    guard case .respond(let answer) = try instance(RedirectPlugin.self, config).access(request.context) else {
      return nil
    }
    return answer.headers.first { $0.name == "Location" }?.value
  }

  @Test func clientsAreSentElsewhere() throws {
    let plugin = try instance(RedirectPlugin.self, ["location": "https://new.example/here?a=1"])
    let request = try FakeRequest("/old?b=2")
    #expect(words(try plugin.access(request.context)) == "301 redirecting")
    #expect(try Self.location(["location": "https://new.example/here?a=1"], request) == "https://new.example/here?a=1")
  }

  @Test(
    arguments: [
      ("https://new.example", "/old", "https://new.example/old"),
      ("https://new.example:8443/here?a=1#top", "/old?b=2", "https://new.example:8443/old?b=2#top"),
      ("https://new.example?a=1", "/", "https://new.example/"),
      ("https://new.example/here", "/a//b?", "https://new.example/a//b"),
      // The rest is put into its normal form, as Kong does.
      ("HTTPS://New.Example:443", "/Old", "https://new.example/Old"),
      ("http://new.example:443", "/", "http://new.example:443/"),
      ("http://User:Word@New.example:80/x", "/a?B=C", "http://User:Word@new.example/a?B=C"),
      ("https://[::1]:443?a=1", "/", "https://[::1]/"), ("https://[::1]:8443", "/", "https://[::1]:8443/"),
      ("https://new.example", "/?a='1'&b=%27", "https://new.example/?a=%271%27&b=%27"),
    ])
  func thePathMayStay(location: String, target: String, expected: String) throws {
    let config: JSONValue = ["location": .string(location), "keep_incoming_path": true]
    #expect(try Self.location(config, FakeRequest(target)) == expected)
  }

  /// The router's path is decoded: what it may hold must not break out of the header.
  @Test func decodedPathsAreEscapedAgain() throws {
    let request = try FakeRequest("/a")
    request.normalizedPath.append("/a b\r\nX-Evil: 1?ä")
    let config: JSONValue = ["location": "https://new.example", "keep_incoming_path": true]
    #expect(try Self.location(config, request) == "https://new.example/a%20b%0D%0AX-Evil:%201%3F%C3%A4")
  }

  @Test func badConfigurationsAreRefused() {
    #expect(outcome("redirect", [:]).contains("location: required field missing"))
    #expect(outcome("redirect", ["location": "elsewhere"]).contains("missing host in url"))
    #expect(outcome("redirect", ["location": "http://a", "status_code": 600]).contains("between 100 and 599"))
  }
}
