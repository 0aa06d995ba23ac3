// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// `gibbon explain`: what becomes of a request, in words and in JSON.
@Suite struct ExplainTests {
  private let folder: TemporaryFolder
  private let configuration: String

  init() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      _format_version: "3.0"
      plugins:
      - {name: correlation-id}
      services:
      - name: shop
        url: http://10.0.0.9:8080/base
        routes:
        - {name: wide, paths: [/]}
        - {name: cart, paths: [/cart], methods: [GET], plugins: [{name: key-auth}, {name: rate-limiting, config: {minute: 5}}]}
        - {name: kept, hosts: [kept.test], preserve_host: true}
        - {name: secret, paths: [/secret], protocols: [https], https_redirect_status_code: 301}
        - {name: closed, paths: [/closed], protocols: [https]}
        - {name: hard, paths: ['~/hard/(a+)+(?!b)$']}
      - name: shut
        url: http://10.0.0.10/
        enabled: false
        routes: [{name: away, paths: [/away]}]
      routes:
      - {name: orphan, paths: [/orphan]}
      """, to: "kong.yml")
    self.configuration = try folder.write(
      GatewayProcess.configuration(folder: folder, port: 1, settings: [:]), to: "gibbon.conf"
    ).path
    self.folder = folder
  }

  private func explain(_ arguments: String...) throws -> (output: String, exitCode: Int32) {
    let result = try GatewayCommand.run(
      ["explain"] + arguments + ["-c", self.configuration, "-p", self.folder.url.path], folder: self.folder.url)
    return (result.output, result.exitCode)
  }

  @Test func namesWhatTheServiceGetsAndThePluginsInOrder() throws {
    let (output, code) = try self.explain("GET http://shop.test/cart/1?x=y")
    #expect(code == 0)
    #expect(output.contains("matched: route 'cart'"))
    #expect(output.contains("gets:    GET /base/1?x=y at 10.0.0.9:8080"))
    #expect(output.contains("plugins: key-auth, then rate-limiting, then correlation-id"), "\(output)")
    #expect(output.contains("'wide'"))
    #expect(output.contains("matches too, but cart has more matching fields (2, not 1)"))
    #expect(try self.explain("http://Kept.test./x").output.contains("with Host: Kept.test."))
  }

  @Test(arguments: ["/cart", "GET /cart", "http://localhost/cart", "localhost/cart", "get localhost:80/cart"])
  func acceptsWhatAPersonWrites(_ request: String) throws {
    let (output, code) = try self.explain(request)
    #expect(code == 0)
    #expect(output.contains("matched: route 'cart'"))
  }

  @Test(arguments: [
    ("http://a.test/secret", "answer:  301"), ("http://a.test/closed", "answer:  426, Please use HTTPS protocol"),
    ("http://a.test/orphan", "answer:  503, no Service found with those values"),
    ("TRACE http://a.test/", "answer:  405, Method not allowed"),
  ])
  func tellsWhatIsAnsweredInstead(_ request: String, _ answer: String) throws {
    let (output, code) = try self.explain(request)
    #expect(code == 0)
    #expect(output.contains(answer), "\(output)")
  }

  @Test func aDisabledServiceIsTold() throws {
    let (output, code) = try self.explain("/away")
    #expect(code == 0)
    #expect(output.contains("matched: route 'wide'"))
    #expect(output.contains("left out: route 'away'"), "\(output)")
    #expect(try !self.explain("/cart").output.contains("left out"))
  }

  @Test func theExitCodeTellsWhetherARouteTakesIt() throws {
    try self.folder.write(
      "_format_version: \"3.0\"\nroutes:\n- {name: only, paths: [/only]}\n- {name: far, hosts: [a.test]}\n",
      to: "kong.yml")
    let (output, code) = try self.explain("/onlu")
    #expect(code == 1)
    #expect(output.contains("no route matches; the gateway would answer 404"))
    // The one that is nearly right comes first.
    let only = try #require(output.range(of: "'only'"))
    let far = try #require(output.range(of: "'far'"))
    #expect(only.lowerBound < far.lowerBound)
    #expect(try self.explain("/only").exitCode == 0)
  }

  @Test func anUndecidedRouteIsNamed() throws {
    let (output, code) = try self.explain("/hard/" + String(repeating: "a", count: 60) + "!")
    #expect(code == 1)
    #expect(output.contains("undecided: matching 'hard'"), "\(output)")
  }

  @Test func answersInJSON() throws {
    let (output, code) = try self.explain("/cart/x", "--json")
    #expect(code == 0)
    let json = JSON(parsing: Array(output.utf8))
    #expect(json["matched"]["name"] == "cart")
    #expect(json["upstream"]["target"] == "/base/x")
    #expect(json["plugins"][0]["name"].string != nil)
    #expect(try self.explain("PUT http://a.test/secret", "--json").output.contains("\"status\":301"))
  }

  @Test(arguments: ["nonsense", "GET nonsense", "one two three", "GET ftp://a/b"])
  func nonsenseIsRefused(_ request: String) throws {
    let (output, code) = try self.explain(request)
    #expect(code == 1)
    #expect(output == "")
  }
}
