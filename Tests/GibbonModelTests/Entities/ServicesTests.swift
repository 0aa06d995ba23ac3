// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema
import Testing

@Suite struct ServicesTests {
  @Test(
    arguments: [
      ([:], "schema violation (host: required field missing)"),
      (["host": "a b"], "schema violation (host: invalid value: a b)"),
      (["host": "a", "port": 65536], "schema violation (port: value should be between 0 and 65535)"),
      (["host": "a", "retries": 32768], "schema violation (retries: value should be between 0 and 32767)"),
      (
        ["host": "a", "connect_timeout": 0],
        "schema violation (connect_timeout: value should be between 1 and 2147483646)"
      ),
      (
        ["host": "a", "name": "a b"],
        """
        schema violation (name: invalid value 'a b': the only accepted ascii \
        characters are alphanumerics or ., -, _, and ~)
        """
      ),
      (
        ["host": "a", "protocol": "https", "ca_certificates": ["x"]],
        "schema violation (ca_certificates.1: expected a valid UUID)"
      ),
      (
        ["host": "a", "ca_certificates": ["x"]],
        """
        2 schema violations (failed conditional validation given value of field 'protocol'; ca_certificates: value \
        must be null)
        """
      ),
      (["host": "a", "path": "x"], "schema violation (path: should start with: /)"),
      (["host": "a", "path": "/a//b"], "schema violation (path: must not have empty segments)"),
      (
        ["host": "a", "protocol": "tcp", "path": "/"],
        "2 schema violations (failed conditional validation given value of field 'protocol'; path: value must be null)"
      ),
      (
        ["host": "a", "tls_verify": true],
        """
        2 schema violations (failed conditional validation given value of field 'protocol'; tls_verify: value must \
        be null)
        """
      ),
    ] as [(JSONObject, String)])
  func refuses(input: JSONObject, message: String) {
    #expect(outcome("services", input) == message)
  }

  @Test(
    arguments: [
      ("http://a.example/p", "http", "a.example", 80, "/p"), ("https://a.example", "https", "a.example", 443, nil),
      ("https://a:8443/x?q=1", "https", "a", 8443, "/x"), ("grpc://a", "grpc", "a", 80, nil),
      ("//a:443", "https", "a", 443, nil), ("//a", "http", "a", 80, nil),
    ] as [(String, String, String, Int, String?)])
  func urlStandsForItsParts(url: String, scheme: String, host: String, port: Int, path: String?) throws {
    let service = try entity(["url": .string(url), "host": "replaced", "port": 1], as: Service.self)
    #expect(service.protocol.rawValue == scheme)
    #expect(service.host == host)
    #expect(service.port == port)
    #expect(service.path == path)
  }

  @Test(arguments: [
    ("", "length must be at least 1"), ("http://", "host: required field missing"),
    ("http://a:b", "port: expected an integer"), ("ftp://a", "protocol: expected one of:"),
  ])
  func aBadURLIsRefusedWhereItIsBad(url: String, message: String) {
    #expect(outcome("services", ["url": .string(url)]).contains(message))
  }

  @Test func typesEveryField() throws {
    let service = try entity(
      [
        "id": someID, "created_at": 1, "name": "n", "retries": 1, "protocol": "https", "host": "h", "port": 2,
        "path": "/p", "connect_timeout": 3, "write_timeout": 4, "read_timeout": 5, "tags": ["t"],
        "client_certificate": reference, "tls_verify": false, "tls_verify_depth": 6, "ca_certificates": [someID],
        "enabled": false,
      ], as: Service.self)
    var expected = Service(id: Workspace.defaultID, name: "n", host: "h", port: 2)
    expected.retries = 1
    expected.protocol = .https
    expected.path = "/p"
    expected.connectTimeoutMilliseconds = 3
    expected.writeTimeoutMilliseconds = 4
    expected.readTimeoutMilliseconds = 5
    expected.tags = ["t"]
    expected.clientCertificate = Workspace.defaultID
    expected.tlsVerify = false
    expected.tlsVerifyDepth = 6
    expected.caCertificates = [Workspace.defaultID]
    expected.isEnabled = false
    expected.createdAt = 1
    expected.updatedAt = 1_700_000_000
    #expect(service == expected)
  }
}
