// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonPluginAPI
import GibbonSchema
import Testing

@testable import GibbonPlugins

@Suite struct RequestSizeLimitingTests {
  private static func decide(_ config: JSONValue, _ headers: [(String, String)]) throws -> String {
    let request = try FakeRequest("/", method: "POST", headers: headers)
    return words(try instance(RequestSizeLimitingPlugin.self, config).access(request.context))
  }

  @Test(
    arguments: [
      (["allowed_payload_size": 1], "1048576", "next"),
      (["allowed_payload_size": 1], "1048577", "413 Request size limit exceeded"),
      (["allowed_payload_size": 2, "size_unit": "kilobytes"], "2048", "next"),
      (["allowed_payload_size": 2, "size_unit": "kilobytes"], "2049", "413 Request size limit exceeded"),
      (["allowed_payload_size": 3, "size_unit": "bytes"], "3", "next"),
      (["allowed_payload_size": 3, "size_unit": "bytes"], "4", "413 Request size limit exceeded"),
      (["allowed_payload_size": -1], "1", "413 Request size limit exceeded"),
      (["allowed_payload_size": 9_000_000_000_000_000_000], "1", "next"),
      ([:], "134217728", "next"), ([:], "134217729", "413 Request size limit exceeded"),
    ] as [(JSONValue, String, String)])
  func theAnnouncedLengthCounts(config: JSONValue, length: String, expected: String) throws {
    #expect(try Self.decide(config, [("Content-Length", length)]) == expected)
  }

  @Test func whoWaitsForAGoAheadIsToldThatItFails() throws {
    let headers = [("Content-Length", "5"), ("Expect", "100-Continue")]
    let config: JSONValue = ["allowed_payload_size": 4, "size_unit": "bytes"]
    #expect(try Self.decide(config, headers) == "417 Request size limit exceeded")
  }

  @Test func aLengthMayBeAskedFor() throws {
    let config: JSONValue = ["require_content_length": true]
    #expect(try Self.decide(config, []) == "411 A valid Content-Length header is required")
    #expect(try Self.decide(config, [("Transfer-Encoding", "chunked")]) == "next")
    #expect(try Self.decide(config, [("Content-Length", "0")]) == "next")
  }

  @Test func chunksAreCountedAsTheyCome() throws {
    let request = try FakeRequest("/", method: "POST", headers: [("Transfer-Encoding", "chunked")])
    let plugin = try instance(RequestSizeLimitingPlugin.self, ["allowed_payload_size": 2, "size_unit": "kilobytes"])
    #expect(words(try plugin.access(request.context)) == "next")
    #expect(request.bodyLimit == 2048)
  }

  @Test func badConfigurationsAreRefused() {
    #expect(outcome("request-size-limiting", ["size_unit": "gigabytes"]).contains("expected one of"))
    #expect(outcome("request-size-limiting", ["allowed_payload_size": 1.5]).contains("expected an integer"))
  }
}
