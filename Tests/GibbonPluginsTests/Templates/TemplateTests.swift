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

  static let noLua = [
    "$()", "$(uri_captures user2)", "$(headers.a or)", "$(or 'a')", "$('a' ..)", "$('a' .. .. 'b')", "$(headers.)",
    "$(headers['a)", "$('a' 'b')", "$(1a)", "$(0x)", "$(1e)", "$('a\nb')", "$(shared.written = true)",
    "$(headers.a; headers.b)", "$(a --[[ b ]])", "$(\"a)", "$(é)", "$(headers.1)", "$(\u{0})", "$(headers[)", "$(a b)",
    "$({)", "$({a=)", "$(f(,))", "$(f(a)", "$(not)", "$(a and)", "$(function() return 1)", "$(a:b)", "$(a ~ b)",
    "$(a != b)",
    "$([=a])", "$(return 1)", "$(if)", "$(a:)", "$(a[])",
  ]

  @Test(arguments: Self.noLua.filter { !["$(f(a)", "$(headers[)"].contains($0) }) func isRefusedByName(text: String) {
    let error = #expect(throws: TemplateError.self) { try Template("before " + text + " after") }
    #expect(error?.message.hasPrefix("unsupported expression \(text): ") == true, "\(error?.message ?? "")")
  }

  static let lua = [
    "$(x)", "$(headers)", "$(request.get_header('x'))", "$((function() return 1 end)())", "$(type(headers.a))",
    "$(headers.a and 'b')", "$(not headers.a)", "$(headers.a == 'b')", "$(1 + 1)", "$(10 * uri_captures.user1)",
    "$(headers[a])", "$(headers[headers.a])", "$(nil)", "$(true)", "$(-1)", "$(1e3)", "$(0x10)", "$([[a]])",
    "$([==[a]]]==])", "$('\\u{41}')", "$('\\65')", "$(#headers)", "$(headers:x())", "$(require('os'))", "$(_G)",
    "$({})", "$({1, a = 2; [3] = 4,})", "$((headers.x == 'a' and 'b') or 'c')",
    "$(string.sub(query_params.user, 1, 3))",
    "$((headers.authorization ~= nil and headers.authorization:sub(1, 10) ~= 'Bearer sb_' and headers.authorization)"
      + " or (headers.apikey == 'k' and 'Bearer t') or headers.apikey)",
    "$(type(headers[\"X-Foo\"]) == \"table\" and headers[\"X-Foo\"][1] .. \"-first\" or headers[\"X-Foo\"])",
    "$(f'x' .. f{1} .. f[[y]])", "$(2 ^ -3 % 4 / 5 <= 6)", "$(function(a) if a then repeat f() until b end end)",
    "$(.5)", "$(3.)", "$(...)",
  ]

  /// Files that were written for Kong load, and what only Lua can tell is nothing until there is one.
  @Test(arguments: Self.lua) func whatIsLuaIsReadAndMakesNoText(text: String) throws {
    let template = try Template("before \(text) $(headers.x_name)")
    #expect(template.unsupported == text)
    #expect(try self.rendered("before \(text) $(headers.x_name)").isEmpty)
  }

  @Test func theReasonIsNamed() {
    func reason(_ text: String) -> String {
      do {
        _ = try Template(text)
        return "none"
      } catch { return error.message }
    }
    #expect(reason("$('a' or )") == "unsupported expression $('a' or ): unexpected end")
    #expect(reason("$(headers.x y)") == "unsupported expression $(headers.x y): unexpected 'y'")
    #expect(reason("$('a' = 1)") == "unsupported expression $('a' = 1): unexpected '='")
  }

  // MARK: Places

  /// What a template that makes a target gives for a request that tries to write more than a value.
  private func target(_ text: String, _ value: String) throws -> String {
    let request = try FakeRequest("/?q=" + value, headers: [("X-V", value)])
    let template = try Template(text)
    var scope = TemplateScope(request.context, headerNames: TemplateScope.headerNames(in: template.references))
    scope.place = .target
    return try template.render(&scope)
  }

  static let places: [(String, String, String)] = [
    ("/a/$(query_params.q)", "..%2Fadmin", "/a/..%2Fadmin"),
    ("/a/$(query_params.q)", "x%3Fadmin=1", "/a/x%3Fadmin%3D1"),
    ("/a/$(query_params.q)", "%2523", "/a/%2523"), ("/a?x=$(query_params.q)", "1%26y=2", "/a?x=1%26y%3D2"),
    ("/a/$(headers.x_v)", "b/c", "/a/b%2Fc"), ("$(headers.x_v)", "/b/c?d", "/b/c%3Fd"),
    ("/a/$(headers.x_v)", "a b", "/a/a%20b"),
    ("$('/a' .. headers.x_v)", "/b", "/a%2Fb"), ("/a/$(headers.x_v or 'x')", "~a-._Z9", "/a/~a-._Z9"),
    ("/a/$(query_params.q)", "%0D%0AX:1", "/a/%0D%0AX%3A1"), ("/a/$(query_params.q)", "%C3%A9", "/a/%C3%A9"),
    ("/$(headers.x_v)", "//evil.test", "/%2F%2Fevil.test"), ("/a/$(headers.x_v)", "b\\c", "/a/b%5Cc"),
  ]

  @Test(arguments: Self.places.filter { !$0.1.contains(" ") })
  func aValueIsEncodedForItsPlace(text: String, value: String, expected: String) throws {
    #expect(try self.target(text, value) == expected)
  }

  @Test(arguments: [
    ("/a/..", true), ("/a/../b", true), ("/a/.", true), ("/a/..%2fb", true), ("/a/%2e%2E/b", true), ("/a/..\\b", true),
    ("/a/..;x/b", true), ("/a/..%5cb", true), ("/a/...", false), ("/a/..b", false), ("/a/b..", false),
    ("/?x=/../", false),
    ("/", false), ("", false), ("/a.b/c", false),
  ]) func aPathThatClimbsIsSeen(path: String, climbs: Bool) { #expect(TargetPath.climbs(path) == climbs) }

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
    #expect(try Template("$(\(deep))").unsupported != nil)
    #expect(try Template("$(" + Array(repeating: "a", count: 65).joined(separator: "..") + ")").unsupported != nil)
    #expect(try Template("$(shared" + String(repeating: ".a", count: 9) + ")").unsupported != nil)
    let deeper = String(repeating: "(", count: 65) + "a" + String(repeating: ")", count: 65)
    #expect(throws: TemplateError.self) { try Template("$(\(deeper))") }
    #expect(throws: TemplateError.self) { try Template(String(repeating: "$(1)", count: 129)) }
    #expect(throws: TemplateError.self) { try Template("$(1)" + String(repeating: "a", count: 8200)) }
    #expect(throws: TemplateError.self) { try Template(String(repeating: "$(", count: 50_000) + ")") }
    #expect(try Template(String(repeating: "$(", count: 50_000)).constant != nil)
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
