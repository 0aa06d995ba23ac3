// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonEngine
import GibbonModel
import GibbonPluginAPI
import GibbonTesting
import Testing

/// What plugins change of the request, as the origin sees it.
@Suite struct ServiceRequestTests {
  private typealias Edit = @Sendable (ServiceRequestView) -> Void

  private func fixture(_ edit: @escaping Edit) throws -> EngineFixture {
    try EngineFixture([
      Script(access: { context in
        edit(context.serviceRequest)
        return .next
      }).slot
    ])
  }

  @Test func headersAreSetAddedAndCleared() throws {
    let fixture = try self.fixture { request in
      request.setHeader("x-set", "new")
      request.addHeader("X-Add", "two")
      request.clearHeader("x-clear")
      request.setHeader("X-Break", "a\r\nX-Forged: 1")
      request.setHeader("Bad Name", "1")
      request.setHeader("", "1")
    }
    let headers = [("X-Set", "old"), ("X-Set", "older"), ("X-Add", "one"), ("X-Clear", "a"), ("X-Keep", "b")]
    let head = try fixture.send(headers: headers).echo().head
    #expect(head.all("X-Set") == ["new"])
    #expect(head.all("X-Add") == ["one", "two"])
    #expect(head.all("X-Clear") == [])
    #expect(head["X-Keep"] == "b")
    #expect(head.all("X-Forged") == [])
    #expect(!head.names.contains("Bad Name"))
    #expect(!head.names.contains(""))
  }

  @Test func editsLastOneRequest() throws {
    let fixture = try EngineFixture([
      Script(access: { context in
        guard context.request.path == "/edit" else { return .next }
        context.serviceRequest.setHeader("X-Set", "1")
        context.serviceRequest.setPath("/other")
        context.serviceRequest.setRawQuery("q")
        context.serviceRequest.setMethod("PUT")
        context.serviceRequest.setTarget(host: "127.0.0.1", port: 1)
        context.serviceRequest.setTarget(host: "127.0.0.1", port: context.service.map { UInt16($0.port) } ?? 0)
        context.response.setHeader("X-Back", "1")
        return .next
      }).slot
    ])
    let client = try fixture.client()
    for _ in 0..<2 {
      try client.request("GET", "/edit")
      let edited = try client.response()
      #expect(try edited.echo().head.startLine == "PUT /other?q HTTP/1.1")
      #expect(edited["X-Back"] == "1")
      try client.request("GET", "/plain?a=1")
      let plain = try client.response()
      #expect(try plain.echo().head.startLine == "GET /plain?a=1 HTTP/1.1")
      #expect(try plain.echo().head["X-Set"] == nil)
      #expect(plain["X-Back"] == nil)
    }
  }

  @Test func framingIsNotForPlugins() throws {
    let fixture = try self.fixture { request in
      request.setHeader("Content-Length", "1")
      request.addHeader("content-length", "1")
      request.addHeader("Transfer-Encoding", "chunked")
      request.setHeader("Connection", "close")
      request.clearHeader("content-length")
      request.clearHeader("Connection")
      request.clearHeader("Host")
    }
    let client = try fixture.client()
    for _ in 0..<2 {
      try client.request("POST", "/", body: Array("hello".utf8))
      let echo = try client.response().echo()
      #expect(echo.head.all("Content-Length") == ["5"])
      #expect(echo.head.all("Transfer-Encoding") == [])
      #expect(echo.head.all("Connection") == ["keep-alive"])
      #expect(echo.head.all("Host") == ["127.0.0.1:\(fixture.origin.port)"])
      #expect(echo.rest == "hello")
    }
    #expect(fixture.origin.connectionCount == 1)
  }

  @Test func hostIsReplacedAndStaysOne() throws {
    let set = try self.fixture { $0.setHeader("Host", "a.test") }
    #expect(try set.send().echo().head.all("Host") == ["a.test"])
  }

  @Test func addedHostDoesNotMakeTwo() throws {
    let added = try self.fixture { $0.addHeader("Host", "b.test") }
    let hosts = try added.send().echo().head.all("Host")
    #expect(hosts.count == 1)
  }

  @Test(arguments: [
    ("/new", "/new?a=1"), ("/with space", "/with%20space?a=1"), ("/a/../b", "/a/../b?a=1"),
    ("/a//b", "/a//b?a=1"), ("relative", "/old?a=1"),
    ("", "/old?a=1"), ("/a\r\nX: 1", "/a%0D%0AX:%201?a=1"),
  ])
  func pathIsReplaced(path: String, target: String) throws {
    let fixture = try self.fixture { $0.setPath(path) }
    #expect(try fixture.send("GET", "/old?a=1").echo().head.word(1) == target)
  }

  @Test(arguments: [("b=2", "/old?b=2"), ("", "/old"), ("a b\r\nX: 1", "/old?a+b%0D%0AX:+1"), ("a#b", "/old?a%23b")])
  func queryIsReplaced(query: String, target: String) throws {
    let fixture = try self.fixture { $0.setRawQuery(query) }
    #expect(try fixture.send("GET", "/old?a=1").echo().head.word(1) == target)
  }

  @Test(arguments: [
    ("/?key=1&b=2&key=3", "/?b=2"), ("/?b=2", "/?b=2"), ("/?key", "/"), ("/?k%65y=1&c=%20", "/?c=+"), ("/", "/"),
    ("/?a=key&keys=1", "/?a=key&keys=1"),
  ])
  func queryArgumentIsRemoved(before: String, after: String) throws {
    let fixture = try self.fixture { $0.clearQueryArgument("key") }
    #expect(try fixture.send("GET", before).echo().head.word(1) == after)
  }

  @Test(arguments: [("PATCH", "PATCH"), ("patch", "GET"), ("", "GET"), ("A B", "GET"), ("G\r\n", "GET")])
  func methodIsReplaced(wanted: String, method: String) throws {
    let fixture = try self.fixture { $0.setMethod(wanted) }
    #expect(try fixture.send().echo().head.word(0) == method)
  }

  /// The service is asked with one method and the client waits for the answer to another.
  @Test(arguments: [("GET", "HEAD"), ("HEAD", "GET")]) func methodChangesWhetherThereIsABody(
    asked: String, sent: String
  )
    throws
  {
    let fixture = try self.fixture { $0.setMethod(sent) }
    let client = try fixture.client()
    for _ in 0..<2 {
      try client.request(asked, "/")
      let response = try client.response(to: asked)
      #expect(response.head.startLine == "HTTP/1.1 200 OK")
      #expect(response.body.isEmpty)
    }
    #expect(fixture.origin.requests.map { $0.word(0) } == [sent, sent])
  }

  @Test func targetIsReplaced() throws {
    let other = try Origin { try $0.respond(body: "the other one") }
    let port = UInt16(other.port)
    let fixture = try self.fixture { $0.setTarget(host: "127.0.0.1", port: port) }
    #expect(try fixture.send().text == "the other one")
    #expect(fixture.origin.requests.isEmpty)
  }

  @Test func laterPluginsSeeTheChanges() throws {
    let journal = Journal()
    let fixture = try EngineFixture([
      Script(access: { context in
        context.serviceRequest.setHeader("X-Set", "new")
        context.serviceRequest.clearHeader("X-Gone")
        return .next
      }).slot,
      Script(access: { context in
        journal.note("\(context.request.headers("x-set")) \(context.request.header("x-gone") ?? "nil")")
        return .next
      }).slot,
    ])
    _ = try fixture.send(headers: [("X-Set", "old"), ("X-Gone", "1")])
    #expect(journal.lines == [#"["new"] nil"#])
  }
}
