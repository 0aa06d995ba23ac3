// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonProto

@Suite struct PathTemplateTests {
  @Test(arguments: [
    ("/v1/shelves", "/v1/shelves", []), ("/v1/{name}", "/v1/a", ["a"]), ("/v1/{name}", "/v1/a%20b%2Fc+d", ["a b/c+d"]),
    ("/v1/{name=shelves/*}", "/v1/shelves/1", ["shelves/1"]),
    ("/v1/{name=shelves/*/books/*}", "/v1/shelves/1/books/2", ["shelves/1/books/2"]),
    ("/v1/{name=shelves/*}/books/{book}", "/v1/shelves/1/books/2", ["shelves/1", "2"]),
    ("/v1/{name=a/*}", "/v1/a/x%2Fy%20z", ["a/x%2Fy z"]), ("/v1/{a.b}/{c}", "/v1/x/y", ["x", "y"]),
    ("/v1/*/x", "/v1/anything/x", []), ("/v1/{name=**}", "/v1/a/b/c", ["a/b/c"]), ("/v1/{name=**}", "/v1", [""]),
    ("/v1/{name=files/**}", "/v1/files/a/b", ["files/a/b"]), ("/v1/**", "/v1/a/b", []),
    ("/v1/{name=shelves/*}:cancel", "/v1/shelves/1:cancel", ["shelves/1"]), ("/v1/x:run", "/v1/x:run", []),
    ("/v1/{name}:a", "/v1/b:c:a", ["b:c"]), ("/v1/{name=**}:get", "/v1/a/b:get", ["a/b"]), ("/v1/a%20b", "/v1/a b", []),
    ("/v1/{x}", "/v1/%C3%A9", ["é"]),
  ])
  func matching(template: String, path: String, values: [String]) throws {
    #expect(try PathTemplate(template).match(Array(path.utf8)) == values)
  }

  @Test(arguments: [
    ("/v1/shelves", "/v1/shelve"), ("/v1/shelves", "/v1/shelves/"), ("/v1/shelves", "v1/shelves"), ("/v1/shelves", ""),
    ("/v1/{name}", "/v1/"), ("/v1/{name}", "/v1/a/b"), ("/v1/{name=shelves/*}", "/v1/books/1"),
    ("/v1/{name=shelves/*}", "/v1/shelves"), ("/v1/{name=shelves/*}:cancel", "/v1/shelves/1"),
    ("/v1/{name=shelves/*}:cancel", "/v1/shelves/:cancel"), ("/v1/x:run", "/v1/:run"), ("/v1/{x}", "/v1/%FF"),
    ("/v1/a/**", "/v1"), ("/V1/x", "/v1/x"),
  ])
  func notMatching(template: String, path: String) throws {
    #expect(try PathTemplate(template).match(Array(path.utf8)) == nil)
  }

  @Test(arguments: [
    ("v1", "expected a path that begins with '/'"), ("", "expected a path that begins with '/'"),
    ("/", "expected a name, '*', '**' or '{' after '/'"), ("/a//b", "expected a name, '*', '**' or '{' after '/'"),
    ("/{a", "expected '}' at the end of a variable"), ("/{}", "expected the name of a field after '{'"),
    ("/{a..b}", "expected the name of a field after '{'"), ("/{a-b}", "expected the name of a field after '{'"),
    ("/{a={b}}", "expected no variable inside of a variable"), ("/**/a", "expected '**' at the end only"),
    ("/a:", "expected a verb after ':'"), ("/a:b/c", "expected a verb after ':'"),
    ("/a}", "expected '/', ':' or the end of the path"), ("/a{b}", "expected '/', ':' or the end of the path"),
    ("/***", "expected '/', ':' or the end of the path"),
  ])
  func malformedTemplates(template: String, message: String) {
    #expect(throws: TranscodingError(message)) { try PathTemplate(template) }
  }
}
