// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// What a client or a consumer is called does not become a line, a tag or a label of its own in what plugins write.
@Suite struct HostileSinkEncodingTests {
  private static let name = "ann:1|c\\nevil.count:9|c#a,b=c"

  private static func declarative(_ plugins: String, origin: Int) -> String {
    """
    _format_version: "3.0"
    services:
    - name: origin
      url: http://127.0.0.1:\(origin)
      routes:
      - {name: all, paths: [/]}
    plugins:
    - {name: key-auth}
    \(plugins)
    consumers:
    - {username: "\(Self.name)", custom_id: "\(Self.name)", keyauth_credentials: [{key: k}]}
    """
  }

  @Test(arguments: [
    "", ", tag_style: dogstatsd", ", tag_style: influxdb", ", tag_style: librato", ", tag_style: signalfx",
  ])
  func statsdLinesAreOnes(style: String) throws {
    let server = try DatagramReceiver()
    let origin = try Origin { try $0.echo() }
    let config = "host: 127.0.0.1, port: \(server.port), consumer_identifier_default: username\(style)"
    let gateway = try GatewayProcess(Self.declarative("- {name: statsd, config: {\(config)}}", origin: origin.port))
    #expect(try gateway.get("/", headers: [("apikey", "k")]).status == 200)
    for _ in 0..<6 {
      let text = try server.receiveText()
      for line in text.split(separator: "\n") {
        #expect(line.hasPrefix("kong."), "\(line)")
        #expect(!line.contains("evil.count:9"), "\(line)")
      }
    }
  }

  @Test func linesOfJSONAreOnes() throws {
    let origin = try Origin { try $0.echo() }
    let folder = try TemporaryFolder()
    let path = folder.file("log").path
    let gateway = try GatewayProcess(
      Self.declarative("- {name: file-log, config: {path: \"\(path)\"}}", origin: origin.port))
    let agent = "a\u{85}b\u{2028}c\u{7F}"
    #expect(
      try gateway.get("/?a=%0a%00%1b", headers: [("apikey", "k"), ("X-Agent", "a\tb"), ("X-B", agent)]).status < 500)
    #expect(try gateway.get("/?b=%0d%0a", headers: [("apikey", "k")]).status == 200)
    try Deadline.wait(for: "the log") { try String(contentsOfFile: path, encoding: .utf8).contains("?b=") }
    let bytes = try Data(contentsOf: folder.file("log"))
    #expect(bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A })
    for line in bytes.split(separator: 0x0A) { _ = try JSONSerialization.jsonObject(with: line) }
  }

  @Test func labelsOfPrometheusAreOnes() throws {
    let origin = try Origin { try $0.echo() }
    let gateway = try GatewayProcess(
      administered: nil,
      declarative: Self.declarative(
        "- {name: prometheus, config: {per_consumer: true, status_code_metrics: true}}", origin: origin.port))
    #expect(try gateway.get("/", headers: [("apikey", "k")]).status == 200)
    try Deadline.wait(for: "the count") {
      let page = try gateway.admin("GET", "/metrics").text
      guard page.contains("kong_http_requests_total{") else { return false }
      #expect(page.contains(#"consumer="ann:1|c\nevil.count:9|c#a,b=c""#), "\(page)")
      #expect(!page.split(separator: "\n").contains { $0.hasPrefix("evil") })
      return true
    }
  }
}
