// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// The body of an error the gateway makes, by what the client accepts (facts: proxy.md 5).
@Suite struct ErrorTemplateTests {
  enum Kind: Sendable {
    case json, plain, html, xml

    var contentType: String {
      switch self {
      case .json: "application/json; charset=utf-8"
      case .plain: "text/plain; charset=utf-8"
      case .html: "text/html; charset=utf-8"
      case .xml: "application/xml; charset=utf-8"
      }
    }

    func body(_ message: String, _ id: String) -> String {
      switch self {
      case .json: "{\n  \"message\":\"\(message)\",\n  \"request_id\":\"\(id)\"\n}"
      case .plain: "\(message)\nrequest_id: \(id)\n"
      case .html:
        "<!doctype html>\n<html>\n  <head>\n    <meta charset=\"utf-8\">\n    <title>Error</title>\n  </head>\n"
          + "  <body>\n    <h1>Error</h1>\n    <p>\(message).</p>\n    <p>request_id: \(id)</p>\n  </body>\n</html>\n"
      case .xml:
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<error>\n  <message>\(message)</message>\n"
          + "  <requestid>\(id)</requestid>\n</error>\n"
      }
    }
  }

  static let accepts: [(String?, Kind)] = [
    (nil, .json), ("application/json", .json), ("text/plain", .plain), ("text/html", .html),
    ("application/xml", .xml), ("*/*", .json), ("text/*", .plain), ("application/*", .json),
    ("text/html;q=0.5, application/xml;q=0.9", .xml), ("text/html, application/xml", .html),
    ("text/html;level=1", .html), ("TEXT/HTML", .html), ("application/json;q=0, text/plain;q=0.1", .plain),
    ("image/png", .json), ("nonsense", .json),
  ]

  private static let shared = Result { try Fixture(route: "paths: [/in]") }

  @Test(arguments: Self.accepts) func noRouteIsAnsweredInTheAcceptedType(accept: String?, kind: Kind) throws {
    let response = try Self.shared.get().gateway.get("/out", headers: accept.map { [("Accept", $0)] } ?? [])
    #expect(response.status == 404)
    let id = try #require(response["X-Kong-Request-Id"])
    #expect(response.text == kind.body("no Route matched with those values", id))
    #expect(response.head.all("Content-Type") == [kind.contentType])
    #expect(response.head.all("Content-Length") == [String(response.body.count)])
  }

  @Test func gatewayMadeResponseHasExactlyItsHeaders() throws {
    let response = try Self.shared.get().gateway.get("/out")
    let names = Set(response.head.names.map { $0.lowercased() }).subtracting(["connection"])
    let expected: Set = [
      "date", "content-type", "content-length", "server", "x-kong-response-latency", "x-kong-request-id",
    ]
    #expect(names == expected)
    #expect(response["Server"] == Wire.serverToken)
    #expect(Wire.isLatency(response["X-Kong-Response-Latency"]))
    #expect(Wire.isRequestID(response["X-Kong-Request-Id"]))
  }

  @Test func headGetsTheHeadersAndNoBody() throws {
    let client = try RawClient(port: Self.shared.get().gateway.port)
    try client.request("HEAD", "/out")
    let response = try client.response(to: "HEAD")
    #expect(response.status == 404)
    #expect((Int(response["Content-Length"] ?? "") ?? 0) > 0)
    try client.request("GET", "/out")
    #expect(try client.response().status == 404)
  }

  /// An error found below the plugins takes, without Accept, the type of the request's own content, else a default.
  static let lowLevel: [([(String, String)], String?, Kind)] = [
    ([], nil, .plain), ([("Content-Type", "application/json")], nil, .json), ([("Accept", "text/html")], nil, .html),
    ([], "application/xml", .xml), ([("Accept", "application/json")], "text/html", .json),
  ]

  @Test(arguments: Self.lowLevel)
  func deadUpstreamIsAnsweredByTheDefaultType(headers: [(String, String)], setting: String?, kind: Kind) throws {
    let refused = try ListeningSocket(backlog: nil)
    let text = Declarative.service(port: refused.port, service: "retries: 0")
    let gateway = try GatewayProcess(text, settings: setting.map { ["error_default_type": $0] } ?? [:])
    let response = try gateway.get("/", headers: headers)
    #expect(response.status == 502)
    let id = try #require(response["X-Kong-Request-Id"])
    #expect(response.text == kind.body("An invalid response was received from the upstream server", id))
    #expect(response["Content-Type"] == kind.contentType)
    #expect(response["Server"] == Wire.serverToken)
  }

  @Test func ownTemplateReplacesTheBuiltIn() throws {
    let folder = try TemporaryFolder()
    let template = try folder.write("{\"oops\":\"%s\",\"id\":\"%s\"}", to: "error.json")
    let gateway = try GatewayProcess(
      "_format_version: \"3.0\"\n", settings: ["error_template_json": template.path])
    let response = try gateway.get()
    let id = try #require(response["X-Kong-Request-Id"])
    #expect(response.text == "{\"oops\":\"no Route matched with those values\",\"id\":\"\(id)\"}")
    #expect(try gateway.get("/", headers: [("Accept", "text/plain")]).text.hasPrefix("no Route matched"))
  }
}
