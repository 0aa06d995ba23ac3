// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// A target with a scheme and a host of its own must not become a part of where a client is sent.
@Suite struct RedirectTests {
  private static let declarative = """
    _format_version: "3.0"
    services:
    - name: s
      url: http://127.0.0.1:1
      routes:
      - {name: secure, paths: [/secure], protocols: [https], https_redirect_status_code: 301}
      - name: moved
        paths: [/moved]
        plugins: [{name: redirect, config: {location: "https://new.test", keep_incoming_path: true}}]
    """

  @Test(arguments: [
    ("http://a.test/secure/x?y=1", "https://a.test/secure/x?y=1"), ("/secure/x", "https://evil.test/secure/x"),
    ("http://a.test/moved/x?y=1", "https://new.test/moved/x?y=1"), ("/moved", "https://new.test/moved"),
  ])
  func theTargetsPathAloneIsTaken(target: String, location: String) throws {
    let gateway = try GatewayProcess(Self.declarative)
    let response = try gateway.raw("GET \(target) HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n")
    #expect(response.status == 301, "\(response)")
    #expect(response["Location"] == location)
  }
}
