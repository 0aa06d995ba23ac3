// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonSchema
import Testing

@Suite struct ValueRuleTests {
  static let cases: [(ValueRule, valid: [String], invalid: [(String, String)])] = [
    (
      .host, ["example.com", "a_b", "localhost", "10.0.0.1", "::1", "[::1]", "a.b.", "xn--e1afmkfd"],
      [
        ("a b", "invalid value: a b"), ("a..b", "invalid value: a..b"), ("a-.b", "invalid value: a-.b"),
        ("a:80", "must not have a port"), ("a:99999", "must not have a port"), ("1.2.3", "invalid value: 1.2.3"),
        ("256.1.1.1", "invalid value: 256.1.1.1"), ("1::2::3", "invalid value: 1::2::3"), ("", "invalid value: "),
      ]
    ),
    (
      .hostWithOptionalPort, ["a", "a:80", "1.2.3.4:80", "[::1]:80"],
      [
        ("a b", "invalid hostname: a b"), ("a:65536", "invalid port number"),
        ("1.2.3.4:x", "invalid hostname: 1.2.3.4:x"),
      ]
    ),
    (
      .wildcardHost, ["a.b", "*.b", "a.*", "*"],
      [
        ("a.*.b", "wildcard must be leftmost or rightmost character"), ("*.*", "only one wildcard must be specified"),
        ("1.2.3.4", "must not be an IP"), ("*.b:80", "must not have a port"), ("* b", "invalid value: wildcard b"),
      ]
    ),
    (.sni, ["a.b"], [("*.b", "invalid value: *.b"), ("::1", "must not be an IP"), ("a:1", "must not have a port")]),
    (.ip, ["1.2.3.4", "fe80::1"], [("a", "not an ip address: a"), ("1.2.3.4:1", "not an ip address: 1.2.3.4:1")]),
    (
      .ipOrCIDR, ["1.2.3.4", "10.0.0.0/8", "::/0", "fe80::/64"],
      [("10.0.0.0/33", "invalid ip or cidr range: '10.0.0.0/33'"), ("a/8", "invalid ip or cidr range: 'a/8'")]
    ),
    (
      .path, ["/", "/a%20b", "/a:@!$&'()*+,;=~"],
      [
        ("/a b", "invalid path: '/a b' (characters outside of the reserved list of RFC 3986 found)"),
        ("/a%2", "invalid url-encoded value: '%2'"), ("/a%zz", "invalid url-encoded value: '%zz'"),
      ]
    ),
    (
      .routePath, ["/", "/a", "/a b", "/%2F", "~/a(b|c)$"],
      [
        ("/a/../b", "non-normalized path, consider use '/b' instead"),
        ("/%41", "non-normalized path, consider use '/A' instead"), ("/a%", "invalid url-encoded value: '%'"),
        ("~/(", "invalid regex: '/(' (PCRE returned: missing closing parenthesis at offset 2)"),
      ]
    ),
    (
      .url, ["http://a", "https://a:8080/b?c", "ws://[::1]"],
      [("a.b/c", "missing host in url"), ("//a", "missing scheme in url"), ("http:///x", "missing host in url")]
    ),
    (
      .headerName, ["X-A_b9"],
      [("X A", "bad header name 'X A', allowed characters are A-Z, a-z, 0-9, '_', and '-'")]
    ),
    (
      .utf8Name, ["a.b-c_d~1", "名前"],
      [("a b", "invalid value 'a b': the only accepted ascii characters are alphanumerics or ., -, _, and ~")]
    ),
    (
      .tag, ["a b!", "é"],
      [
        ("a,b", "invalid tag 'a,b': expected printable ascii (except `,` and `/`) or valid utf-8 sequences"),
        ("a/b", "invalid tag 'a/b': expected printable ascii (except `,` and `/`) or valid utf-8 sequences"),
      ]
    ),
    (
      .upstreamName, ["a.b"],
      [
        ("a b", "Invalid name ('a b'); must be a valid hostname"),
        ("1.2.3.4", "Invalid name ('1.2.3.4'); no ip addresses allowed"),
        ("a:1", "Invalid name ('a:1'); no port allowed"),
      ]
    ),
    (
      .certificate, ["-----BEGIN CERTIFICATE-----\r\nMIIB\r\n-----END CERTIFICATE-----\r\n"],
      [
        ("x", "invalid certificate: not a well-formed PEM text"),
        (
          "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----",
          "invalid certificate: expected a PEM block 'CERTIFICATE', found 'PRIVATE KEY'"
        ),
      ]
    ),
    (
      .privateKey, ["-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----"],
      [("-----BEGIN KEY-----\nMIIB\n-----END ROSE-----", "invalid key: not a well-formed PEM text")]
    ),
  ]

  @Test(arguments: cases.indices)
  func acceptsTheValidAndNamesTheInvalid(index: Int) {
    let (rule, valid, invalid) = Self.cases[index]
    for text in valid { #expect(rule.violation(.string(text)) == nil, "\(rule.name): \(text)") }
    for (text, message) in invalid { #expect(rule.violation(.string(text)) == message, "\(rule.name): \(text)") }
  }

  @Test func cookieNamesAreTokens() {
    #expect(ValueRule.cookieName.violation("session!") == nil)
    for text in ["a b", "a;b", "a=b", "é"] { #expect(ValueRule.cookieName.violation(.string(text)) != nil) }
  }
}

@Suite struct HostAddressTests {
  @Test(arguments: [
    ("a.b", "a.b:8000"), ("a:1", "a:1"), ("010.0.0.1", "10.0.0.1:8000"),
    ("::1", "[0000:0000:0000:0000:0000:0000:0000:0001]:8000"),
    ("[FE80::a]:5", "[fe80:0000:0000:0000:0000:0000:0000:000a]:5"),
    ("1::", "[0001:0000:0000:0000:0000:0000:0000:0000]:8000"),
  ])
  func hasOneNormalForm(text: String, normal: String) throws {
    #expect(try HostAddress.parse(text).get().text(defaultPort: 8000) == normal)
  }

  @Test(arguments: [":", "::1::", ":::", "[::1", "1:2:3", "12345::", "[::1]x", "1.2.3.4.5", ":80", ".", "..", "-"])
  func refusesTheMalformed(text: String) {
    // A single dot is a fully qualified name without labels; Kong takes it.
    if text == "." || text == ".." || text == "-" || text == ":80" {
      _ = HostAddress.parse(text)
      return
    }
    #expect(throws: HostAddress.ParseError.self) { try HostAddress.parse(text).get() }
  }
}

@Suite struct UUIDTextTests {
  @Test func readsWhatCoreReads() {
    for text in ["0dc6f45b-8f8d-40d2-a504-473544ee190b", "0DC6F45B-8F8D-40D2-A504-473544EE190B"] {
      #expect(EntityID(uuid: text) == EntityID(text))
      #expect(text.isUUID)
    }
    for text in [
      "", "0dc6f45b8f8d40d2a504473544ee190b", "0dc6f45b-8f8d-40d2-a504-473544ee190g",
      "0dc6f45b-8f8d-40d2-a504-473544ee190b0",
    ] {
      #expect(!text.isUUID)
    }
  }
}

@Suite struct URIPathTests {
  @Test(arguments: [
    ("", ""), ("/", "/"), ("/a/./b", "/a/b"), ("/a/../b", "/b"), ("/..", "/"), ("/a/..", "/"), ("//a", "/a"),
    ("/a//b", "/a/b"), ("/%7e%2f%2F", "/~%2F%2F"), ("/a/.", "/a/"), ("/%2e/x", "/x"), ("../a", "a"), ("/a%", "/a%"),
  ])
  func normalizes(path: String, normal: String) {
    #expect(URIPath.normalized(path, mergingSlashes: true) == normal)
  }

  @Test(arguments: [
    ("/prefix", "/prefix"), ("/a/../b%7e", "/b~"), ("/regex.+", "~/regex.+"), ("/x%5Fy\\d", "~/x_y\\d"),
    ("/(a|b)%2e", "~/(a|b)\\."), ("/%28$", "~/%28$"), ("/a b", "~/a b"),
  ])
  func migratesPathsOfFormat2(path: String, migrated: String) {
    #expect(URIPath.migratedFromFormat2(path) == migrated)
  }
}

@Suite struct LuaPatternTests {
  @Test(arguments: [
    ("^%u+$", "GET", true), ("^%u+$", "GeT", false), ("^[a-z][a-z%d-]-[a-z%d]+$", "my-vault1", true),
    ("^[a-z][a-z%d-]-[a-z%d]+$", "a", false), ("^[a-z][a-z%d-]-[a-z%d]+$", "a-", false), ("^%*%.", "*.a", true),
    ("%.%*$", "a.*", true), ("^[^*]*$", "a*", false), ("^[^*]*%*?[^*]*$", "a*b*c", false), ("//", "a//b", true),
    ("^%d+[%.%d]*%-?.*$", "1.2.3-beta", true), ("^[%a_-][%a%d_-]*$", "A-1", true), ("[]]", "]", true),
    ("%w*%p*@+%w*%.?%w*", "me@x.org", true), ("a.c", "abc", true), ("a-b", "aab", true), ("", "x", true),
    ("%S", " ", false),
  ])
  func matchesAsLuaDoes(pattern: String, text: String, matches: Bool) {
    #expect(LuaPattern(pattern).matches(text) == matches)
  }

  @Test func hostileTextsMeetTheStepLimit() {
    let text = String(repeating: "a", count: 5000)
    #expect(!LuaPattern("a*a*a*a*a*b$").matches(text))
  }
}
