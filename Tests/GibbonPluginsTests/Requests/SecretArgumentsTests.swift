// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonSchema
import Testing

@testable import GibbonPluginAPI

/// Keys in the query are not shown where requests are logged.
@Suite struct SecretArgumentsTests {
  private static let secrets = SecretArguments(["apikey", "a b"])

  static let targets: [(String, String)] = [
    ("/", "/"), ("/apikey=x", "/apikey=x"), ("/?apikey=x", "/?apikey=REDACTED"),
    ("/?a=1&apikey=x&b", "/?a=1&apikey=REDACTED&b"),
    ("/?apikey", "/?apikey"), ("/?apikey=", "/?apikey=REDACTED"), ("/?%61pikey=x%26y", "/?%61pikey=REDACTED"),
    ("/?a+b=1&a%20b=2", "/?a+b=REDACTED&a%20b=REDACTED"), ("/?APIKEY=x", "/?APIKEY=x"),
    ("/?apikey=x&apikey=y", "/?apikey=REDACTED&apikey=REDACTED"),
    ("/?x?apikey=1", "/?x?apikey=1"), ("/?", "/?"), ("/?&&", "/?&&"),
    ("http://h/?apikey=x", "http://h/?apikey=REDACTED"),
    ("/?apikey=a=b", "/?apikey=REDACTED"),
  ]

  @Test(arguments: targets) func valuesAreReplaced(target: String, expected: String) {
    var output = ByteBuffer()
    Self.secrets.append(Array(target.utf8).span, to: &output)
    #expect(output.string == expected)
  }

  @Test func logsOfARequestShowNoKey() throws {
    let request = try FakeRequest("/x?a=1&apikey=s3cret&flag")
    request.secretArguments = Self.secrets
    request.upstreamURI = ByteBuffer("/y?apikey=s3cret")
    let record = try JSONParser.parse(LogRecord(request.context).bytes()).get()
    #expect(record["request"]?["uri"] == "/x?a=1&apikey=REDACTED&flag")
    #expect(record["request"]?["url"] == "http://example.test:8000/x?a=1&apikey=REDACTED&flag")
    #expect(record["request"]?["querystring"] == ["a": "1", "apikey": "REDACTED", "flag": true])
    #expect(record["upstream_uri"] == "/y?apikey=REDACTED")
    #expect(request.context.loggedTarget == "/x?a=1&apikey=REDACTED&flag")
    request.secretArguments = .none
    #expect(request.context.loggedTarget == "/x?a=1&apikey=s3cret&flag")
  }
}
