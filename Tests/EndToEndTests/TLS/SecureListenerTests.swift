// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Clients that speak TLS, with curl and openssl.
@Suite struct SecureListenerTests {
  private let origin: Origin
  private let gateway: GatewayProcess
  private var url: String { "https://localhost:\(self.gateway.port)" }

  init() throws {
    self.origin = try Origin()
    self.gateway = try Self.gateway(self.origin)
  }

  static func gateway(_ origin: Origin, _ settings: [String: String] = [:]) throws -> GatewayProcess {
    try GatewayProcess(
      """
      _format_version: "3.0"
      services:
      - {name: s, url: "http://127.0.0.1:\(origin.port)", routes: [{name: r, paths: [/]}]}
      """,
      settings: ["proxy_listen": "127.0.0.1:@PORT@ ssl"].merging(settings) { _, given in given })
  }

  private func run(_ script: String) throws -> Shell.Result {
    try Shell.run(script, in: self.gateway.folder.url)
  }

  @Test func theFirstStartMakesACertificate() throws {
    let result = try self.run("curl -skv \(self.url)/a")
    #expect(result.code == 0 && result.output.contains("/a"), "\(result.output)")
    #expect(result.errorOutput.contains("subject: O=Gibbon; CN=localhost"), "\(result.errorOutput)")
    #expect(result.errorOutput.contains("ALPN: server accepted http/1.1"))
    let head = try #require(self.origin.requests.last)
    #expect(head.all("X-Forwarded-Proto") == ["https"])
    #expect(head.all("X-Forwarded-Port") == ["\(self.gateway.port)"])
    let ssl = self.gateway.folder.file("ssl")
    for name in ["kong-default.crt", "kong-default.key", "kong-default-ecdsa.crt", "kong-default-ecdsa.key"] {
      let path = ssl.appendingPathComponent(name).path
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode.map { $0 & 0o077 } == 0, "\(name)")
    }
  }

  /// Both kinds of key are there, and the client chooses.
  @Test(arguments: [
    ("ECDHE-RSA-AES128-GCM-SHA256", "rsaEncryption"), ("ECDHE-ECDSA-AES128-GCM-SHA256", "id-ecPublicKey"),
  ])
  func clientsGetTheKindOfKeyTheyKnow(cipher: String, kind: String) throws {
    let result = try self.run(
      "openssl s_client -connect 127.0.0.1:\(self.gateway.port) -tls1_2 -cipher \(cipher) </dev/null 2>/dev/null "
        + "| openssl x509 -noout -text")
    #expect(result.output.contains("Public Key Algorithm: \(kind)"), "\(result.all)")
  }

  @Test func aConnectionTakesSeveralRequests() throws {
    let result = try self.run("curl -skv \(self.url)/1 \(self.url)/2 -o /dev/null -o /dev/null")
    #expect(result.errorOutput.contains("Re-using existing connection"), "\(result.errorOutput)")
    #expect(self.origin.requests.count == 2)
  }

  @Test(arguments: ["-tls1_2", "-tls1_3"]) func sessionsAreResumed(version: String) throws {
    let client = "openssl s_client -connect 127.0.0.1:\(self.gateway.port) -servername a.test \(version)"
    // A request, so that the tickets of TLS 1.3 are read.
    let request = "printf 'GET / HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n'"
    let script =
      "\(request) | \(client) -ign_eof -sess_out s.pem >/dev/null 2>&1; "
      + "for n in 1 2 3 4; do \(request) | \(client) -ign_eof -sess_in s.pem 2>/dev/null "
      + "| grep -a -E '^(Reused|New),'; done"
    let result = try self.run(script)
    let lines = result.output.split(separator: "\n")
    // Four times, so that another loop took some of them.
    #expect(lines.count == 4 && lines.allSatisfy { $0.hasPrefix("Reused") }, "\(result.all)")
  }

  @Test func plainHTTPIsTold() throws {
    let response = try self.gateway.get("/")
    #expect(response.status == 400)
    #expect(response.text.contains("The plain HTTP request was sent to HTTPS port"))
    #expect(self.origin.requests.isEmpty)
  }

  @Test func garbageEndsTheConnectionAndNothingElse() throws {
    for bytes in [[0, 1, 2, 3, 4, 5], [0x16, 3, 1, 0xFF, 0xFF] + [UInt8](repeating: 1, count: 300)] as [[UInt8]] {
      let client = try RawClient(port: self.gateway.port)
      try client.send(bytes)
      client.socket.shutdownWrite()
      #expect(try client.reader.readToEnd().count < 64)
    }
    try self.gateway.waitForLog("while SSL handshaking")
    #expect(try self.run("curl -sk -o /dev/null -w '%{http_code}' \(self.url)/").output == "200")
  }

  @Test func largeBodiesGoBothWays() throws {
    let result = try self.run(
      "head -c 3000000 /dev/urandom > body && curl -sk \(self.url)/ --data-binary @body -H 'Expect:' -w '%{http_code}'")
    #expect(result.output.hasSuffix("200"), "\(result.all.suffix(300))")
    let origin = try Origin { try $0.respond(200, body: String(repeating: "x", count: 4_000_000)) }
    let gateway = try Self.gateway(origin)
    let slow = try Shell.run(
      "curl -sk --limit-rate 8M https://localhost:\(gateway.port)/ -o big -w '%{size_download}'", in: gateway.folder.url
    )
    #expect(slow.output == "4000000", "\(slow.all)")
  }

  @Test func logsKnowWhatWasAgreedUpon() throws {
    let log = self.gateway.folder.file("requests.log").path
    try self.gateway.rewrite(
      """
      _format_version: "3.0"
      services:
      - {name: s, url: "http://127.0.0.1:\(self.origin.port)", routes: [{name: r, paths: [/]}]}
      plugins: [{name: file-log, config: {path: "\(log)"}}]
      """)
    #expect(try self.gateway.command("reload").exitCode == 0)
    _ = try self.run("curl -sk --tls-max 1.2 \(self.url)/")
    try Deadline.wait(for: "the record") { contents(of: self.gateway.folder.file("requests.log")).contains("TLSv1.2") }
    let record = contents(of: self.gateway.folder.file("requests.log"))
    #expect(record.contains(#""client_verify":"NONE""#) && record.contains(#""url":"https://localhost:"#), "\(record)")
  }

  @Test func suitesDecideOnVersions() throws {
    let gateway = try Self.gateway(self.origin, ["ssl_cipher_suite": "modern"])
    let url = "https://localhost:\(gateway.port)/"
    #expect(try self.run("curl -sk --tls-max 1.2 \(url)").code == 35)
    #expect(try self.run("curl -sk --tlsv1.3 -o /dev/null \(url)").code == 0)
    try gateway.waitForLog("no TLS version is allowed on both sides")
  }

  @Test func aPROXYHeaderComesBeforeTLS() throws {
    let gateway = try Self.gateway(
      self.origin,
      [
        "proxy_listen": "127.0.0.1:@PORT@ ssl proxy_protocol", "trusted_ips": "127.0.0.1",
        "real_ip_header": "proxy_protocol",
      ])
    let result = try self.run(
      "curl -sk --haproxy-protocol https://localhost:\(gateway.port)/ -o /dev/null -w '%{http_code}'")
    #expect(result.output == "200", "\(result.all)")
  }
}
