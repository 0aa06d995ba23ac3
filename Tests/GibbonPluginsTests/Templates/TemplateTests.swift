// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

@Suite struct TemplateTests {
  /// What a template gives for a request with a bit of everything.
  private func rendered(_ text: String) throws -> String {
    let request = try FakeRequest(
      "/users/7/open?q=1&q=2&one=a%20b&flag&empty=",
      headers: [("X-Name", "alice"), ("X-Twice", "a"), ("x-twice", "b"), ("snake_case", "s"), ("User-Agent", "curl")])
    request.uriCaptures = (["/users/7/open", "7", nil], [("id", 1), ("gone", 2)])
    request.context.shared = [
      "text": "t", "number": 7, "ratio": 0.5, "yes": true, "no": false, "list": ["x", "y"],
      "deep": JSONValue.object(["a": ["b": ["c", 1.0]]]), "odd": TemplateTests.self,
    ]
    let template = try Template(text)
    var scope = TemplateScope(request.context, headerNames: TemplateScope.headerNames(in: template.references))
    return try template.render(&scope)
  }

  static let good: [(String, String)] = [
    ("plain", "plain"), ("", ""), ("$", "$"), ("$5 (five)", "$5 (five)"), ("a $(b", "a $(b"), ("$(", "$("),
    ("$()x", "?"), ("# a", "# a"),
    ("$(headers.host)", "example.test"), ("$(headers[\"X-Name\"])", "alice"), ("$(headers['x-name'])", "alice"),
    ("$(headers.x_name)", "alice"), ("$(headers.User_Agent)", "curl"), ("$(headers.snake_case)", "s"),
    ("$(headers.nobody)", ""), ("$(headers.x_twice)", "a, b"), ("$(headers.x_twice[2])", "b"),
    ("$(headers.x_twice[3])", ""), ("$(headers.x_name[1])", ""), ("$(headers.x_name[1] or headers.x_name)", "alice"),
    ("$(query_params.one)", "a b"), ("$(query_params.q)", "1, 2"), ("$(query_params.q[1])", "1"),
    ("$(query_params.flag)", "true"), ("$(query_params.empty)", ""), ("$(query_params.none or 'x')", "x"),
    ("$(query_params.empty or 'x')", ""), ("$(query_params['one'])", "a b"),
    ("$(uri_captures[0])", "/users/7/open"), ("$(uri_captures[1])", "7"), ("$(uri_captures.id)", "7"),
    ("$(uri_captures.gone)", ""), ("$(uri_captures[\"id\"])", "7"), ("$(uri_captures[9])", ""),
    ("$(uri_captures.none or 'default1')", "default1"), ("$(headers[1])", ""), ("$(shared[1] or 2)", "2"),
    ("$(shared.text)", "t"), ("$(shared.number)", "7"), ("$(shared.ratio)", "0.5"), ("$(shared.yes)", "true"),
    ("$(shared.no)", ""), ("$(shared.no or 'n')", "n"), ("$(shared.list)", "x, y"), ("$(shared.deep.a.b[1])", "c"),
    ("$(shared.deep.a.b[2])", "1"), ("$(shared.odd)", ""), ("$(shared['text'])", "t"),
    ("$('$(uri_captures.id)')", "$(uri_captures.id)"), ("$(\"a\\n\\t\\\\\\\"\\'\")", "a\n\t\\\"'"), ("$(10)", "10"),
    ("$(1.50)", "1.5"), ("$('a' .. 'b' .. 1 .. 2.5)", "ab12.5"), ("$( 'a'..'b' )", "ab"),
    ("$(headers.none or query_params.none or 'last')", "last"), ("$((headers.none or 'a') .. '-b')", "a-b"),
    ("$(headers.none or 'a' .. 'b')", "ab"), ("$(shared.text or shared.text.x.y)", "t"),
    ("<$(uri_captures.id)>$(headers.x_name)<$(shared.text)>", "<7>alice<t>"),
    ("/r/$(uri_captures.id or \"0\")/x$", "/r/7/x$"), ("é$('ü')", "éü"), ("$(( ( 'a' ) ))", "a"),
    ("a\n$('b')", "a\nb"), ("$(\n'a'\t..\r\n'b')", "ab"),
  ]

  @Test(arguments: Self.good.filter { $0.1 != "?" }) func isRendered(text: String, expected: String) throws {
    #expect(try self.rendered(text) == expected)
  }

  static let unsupported = [
    "$()", "$(x)", "$(headers)", "$(request.get_header('x'))", "$((function() return 1 end)())", "$(type(headers.a))",
    "$(headers.a and 'b')", "$(not headers.a)", "$(headers.a == 'b')", "$(1 + 1)", "$(10 * uri_captures.user1)",
    "$(uri_captures user2)", "$(headers.a or)", "$(or 'a')", "$('a' ..)", "$('a' .. .. 'b')", "$(headers.)",
    "$(headers['a)", "$(headers[a])", "$(headers[headers.a])", "$(headers.a['b'])x$(", "$('a' 'b')", "$(nil)",
    "$(true)", "$(-1)", "$(1e3)", "$(0x10)", "$(1a)", "$([[a]])", "$(headers[[a]])", "$('\\u{41}')", "$('\\65')",
    "$('a\nb')", "$(shared.written = true)", "$(#headers)", "$(headers:x())", "$(require('os'))", "$(_G)",
    "$(headers.a; headers.b)", "$({})", "$(a --[[ b ]])", "$(\"a)", "$(é)", "$(headers.1)", "$(\u{0})",
  ]

  @Test(arguments: Self.unsupported.filter { $0 != "$(headers.a['b'])x$(" }) func isRefusedByName(text: String) throws {
    let error = #expect(throws: TemplateError.self) { try Template("before " + text + " after") }
    #expect(error?.message.hasPrefix("unsupported expression \(text): ") == true, "\(error?.message ?? "")")
  }

  @Test func theReasonIsNamed() {
    func reason(_ text: String) -> String {
      do {
        _ = try Template(text)
        return "none"
      } catch { return error.message }
    }
    #expect(
      reason("$(foo.bar)")
        == "unsupported expression $(foo.bar): 'foo' is none of headers, query_params, uri_captures, shared")
    #expect(reason("$(headers)") == "unsupported expression $(headers): 'headers' is a table, name one of its values")
    #expect(reason("$('a' == 1)") == "unsupported expression $('a' == 1): unexpected '='")
    #expect(reason("$(headers.a and 1)") == "unsupported expression $(headers.a and 1): unexpected 'and'")
    #expect(reason("$('a' or )") == "unsupported expression $('a' or ): unexpected end")
  }

  static let faults: [(String, String)] = [
    ("$(headers.none .. 'a')", "a nil value is no text"), ("$(headers.none[1])", "attempt to index a nil value"),
    ("$(shared.yes .. 'a')", "a boolean value is no text"), ("$(shared.number.x)", "attempt to index a number value"),
    ("$(headers.x_twice .. 'a')", "a table value is no text"), ("$(shared.deep)", "a table value is no text"),
    ("$(shared.none.a)", "attempt to index a nil value"),
  ]

  @Test(arguments: Self.faults) func faultsNameTheExpression(text: String, fault: String) throws {
    let error = #expect(throws: TemplateError.self) { try self.rendered("x\(text)") }
    #expect(error?.message == "failed to render the template \(text): \(fault)")
  }

  @Test func everythingThatGrowsIsBounded() throws {
    let deep = String(repeating: "(", count: 17) + "'a'" + String(repeating: ")", count: 17)
    #expect(throws: TemplateError.self) { try Template("$(\(deep))") }
    #expect(throws: TemplateError.self) {
      try Template("$(" + Array(repeating: "1", count: 65).joined(separator: "..") + ")")
    }
    #expect(throws: TemplateError.self) { try Template("$(shared" + String(repeating: ".a", count: 9) + ")") }
    #expect(throws: TemplateError.self) { try Template(String(repeating: "$(1)", count: 129)) }
    #expect(throws: TemplateError.self) { try Template("$(1)" + String(repeating: "a", count: 8200)) }
    #expect(throws: TemplateError.self) { try Template(String(repeating: "$(", count: 50_000)) }
    #expect(throws: TemplateError.self) {
      try Template("$(99999999999999999999999999" + String(repeating: "9", count: 400) + ")")
    }
    #expect(try self.rendered("$(" + Array(repeating: "1", count: 64).joined(separator: "..") + ")").utf8.count == 64)
    #expect(try self.rendered(String(repeating: "a", count: 100_000)).utf8.count == 100_000)
  }

  @Test func aLongResultIsAFault() throws {
    let request = try FakeRequest("/?q=" + String(repeating: "a", count: 6000))
    let template = try Template(String(repeating: "$(query_params.q)", count: 20))
    var scope = TemplateScope(request.context, headerNames: [])
    #expect(throws: TemplateError.self) { try template.render(&scope) }
  }

  /// Random bytes and random arrangements of what means something: an error or a template, never a trap.
  @Test func anythingMayBeWritten() throws {
    var random = SystemRandomNumberGenerator()
    let pieces = [
      "$(", ")", "(", "headers", ".", "..", "[", "]", "'", "\"", "or", "1", "0.5", " ", "shared", "a", "\\", "$", "é",
      "query_params.q", "uri_captures[0]", "\n",
    ]
    for _ in 0..<3000 {
      let text = (0..<Int.random(in: 0...20, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
      _ = try? self.rendered("$(" + text.joined() + ")")
      _ = try? self.rendered(text.joined())
    }
  }
}
