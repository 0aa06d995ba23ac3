// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// A body that a plugin is to change, and cannot see, does not get by it.
@Suite struct UnseenBodyTests {
  private static let plugin = """
    plugins:
    - name: request-transformer
      config: {remove: {body: [secret]}}
    """
  private static let shared = Result { try Fixture(global: plugin) }
  private static let passing = Result { try Fixture(global: plugin, settings: ["unreadable_bodies": "pass"]) }

  private static let json = ("Content-Type", "application/json")
  private static let form = ("Content-Type", "application/x-www-form-urlencoded")
  private static let large = #"{"secret":"x","a":""# + String(repeating: "y", count: 70_000) + #""}"#

  static let cases: [([(String, String)], String, Int)] = [
    ([json], large, 413), ([form], "secret=1&a=" + String(repeating: "y", count: 70_000), 413),
    ([json], #"{"secret":1} x"#, 400), ([json], #"{"secret":1}{"a":1}"#, 400), ([json], #"[{"secret":1}]"#, 400),
    ([json], #"{"secret":1"#, 400), ([json], "\u{FEFF}\u{FEFF}{}", 400), ([json], "{'secret':1}", 400),
    ([("Content-Type", "application/vnd.api+json")], #"{"secret":1}"#, 415), ([], #"{"secret":1}"#, 415),
    ([("Content-Type", "text/json")], #"{"secret":1}"#, 415), ([("Content-Type", "text/plain")], "secret=1", 415),
    ([json, ("Content-Type", "application/x-www-form-urlencoded")], #"{"secret":1}"#, 415),
    ([json, ("Content-Encoding", "deflate")], #"{"secret":1}"#, 415),
    ([("Content-Type", "multipart/form-data")], "--B\r\n\r\n--B--", 400),
    ([("Content-Type", "multipart/form-data; boundary=C")], "--B\r\n\r\n--B--", 400),
  ]

  @Test(arguments: Self.cases.indices) func itIsRefused(index: Int) throws {
    let (headers, body, status) = Self.cases[index]
    let fixture = try Self.shared.get()
    let response = try fixture.gateway.send("POST", "/case-\(index)", headers: headers, body: body)
    #expect(response.status == status)
    #expect(!fixture.origin.requests.contains { $0.word(1) == "/case-\(index)" })
  }

  @Test func inChunksItIsRefusedToo() throws {
    let client = try RawClient(port: Self.shared.get().gateway.port)
    try client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" + "Transfer-Encoding: chunked\r\n\r\n")
    let piece = String(repeating: "y", count: 1000)
    try client.send("d\r\n{\"secret\":1,\"\r\n")
    for _ in 0..<80 { try client.send("3e8\r\n\(piece)\r\n") }
    #expect(try client.response(to: "POST").status == 413)
  }

  @Test func whatCanBeSeenIsChanged() throws {
    let gateway = try Self.shared.get().gateway
    let echo = try gateway.send("POST", "/", headers: [Self.json], body: #"{"secret":1,"a":2}"#).echo()
    #expect(echo.rest == #"{"a":2}"#)
    #expect(try gateway.get("/").status == 200)
  }

  @Test(arguments: Self.cases.indices) func onlyTheOperatorLetsItPass(index: Int) throws {
    let (headers, body, _) = Self.cases[index]
    let gateway = try Self.passing.get().gateway
    #expect(try gateway.send("POST", "/", headers: headers, body: body).echo().rest == body)
    try gateway.waitForLog("[request-transformer] the request body cannot be changed")
  }
}
