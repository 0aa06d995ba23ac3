// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonEngine
import GibbonPluginAPI
import GibbonTesting
import Testing

/// What plugins read of a request and its response.
@Suite struct ViewTests {
  @Test func theQueryIsShownAsItStands() throws {
    let journal = Journal()
    let fixture = try EngineFixture([
      Script(access: { context in
        journal.note(context.serviceRequest.rawQuery)
        context.serviceRequest.setRawQuery("b=2")
        journal.note(context.serviceRequest.rawQuery)
        context.serviceRequest.clearQueryArgument("b")
        journal.note(context.serviceRequest.rawQuery)
        return .next
      }).slot
    ])
    _ = try fixture.send("GET", "/?a=1")
    _ = try fixture.send("GET", "/")
    #expect(journal.lines == ["a=1", "b=2", "", "", "b=2", ""])
  }

  /// What is no UTF-8 is not the same as something else that is none.
  @Test func targetsAndQueriesAreShownByteForByte() throws {
    let journal = Journal()
    let fixture = try EngineFixture([
      Script(access: { context in
        journal.note("\(context.request.withTargetBytes { $0.array }.suffix(3))")
        journal.note("\(context.serviceRequest.withRawQueryBytes { $0.array })")
        journal.note(context.serviceRequest.method)
        context.serviceRequest.setRawQuery("b")
        context.serviceRequest.setMethod("PUT")
        journal.note("\(context.serviceRequest.withRawQueryBytes { $0.array })")
        journal.note(context.serviceRequest.method)
        return .next
      }).slot
    ])
    _ = try fixture.send("GET", "/x?a=%ff")
    _ = try fixture.send("GET", "/xyz")
    #expect(
      journal.lines == [
        "[37, 102, 102]", "[97, 61, 37, 102, 102]", "GET", "[98]", "PUT", "[120, 121, 122]", "[]", "GET", "[98]", "PUT",
      ])
  }

  @Test func allHeadersOfAResponseAreShown() throws {
    let journal = Journal()
    let fixture = try EngineFixture([
      Script(
        access: { context in
          context.response.setHeader("X-Early", "1")
          return context.request.path == "/local"
            ? .respond(LocalResponse(status: 200, headers: [("X-Mine", "1"), ("x-old", "2")])) : .next
        },
        headerFilter: { context in
          context.response.clearHeader("X-Old")
          context.response.addHeader("X-A", "3")
          journal.note(context.response.allHeaders.map { "\($0.name): \($0.value)" }.joined(separator: ", "))
        }
      ).slot
    ]) { exchange in
      let headers = [
        ("X-A", "1"), ("X-Old", "1"), ("x-a", "2"), ("Connection", "keep-alive,\tX-B"), ("X-B", "1"),
        ("Keep-Alive", "x"), ("Via", "1.1 a"), ("X-Kong-Request-Id", "x"), ("Trailer", "t"),
      ]
      try exchange.respond(headers: headers, body: "x")
    }
    _ = try fixture.send()
    _ = try fixture.send("GET", "/local")
    #expect(
      journal.lines == [
        "X-A: 1, x-a: 2, Via: 1.1 a, X-Early: 1, X-A: 3", "X-Mine: 1, X-Early: 1, X-A: 3",
      ])
  }

  @Test func whatRepeatsAServiceLooksProxied() throws {
    let fixture = try EngineFixture([
      Script(access: { context in
        let headers = context.request.path == "/bare" ? [] : [("date", "then"), ("server", "origin"), ("Via", "1.1 a")]
        var answer = LocalResponse(status: 404, headers: headers, body: .bytes(ByteBuffer("again")))
        answer.repeatsService = context.request.path != "/own"
        return .respond(answer)
      }).slot
    ])
    let client = try fixture.client()
    for _ in 0..<2 {
      try client.request("GET", "/")
      let repeated = try client.response()
      #expect(repeated.status == 404 && repeated.text == "again")
      #expect(repeated.head.all("Date") == ["then"] && repeated.head.all("Server") == ["origin"])
      #expect(repeated.head.all("Via") == ["1.1 a", "1.1 kong/3.9.3"])
      #expect(repeated["X-Kong-Upstream-Latency"] == "0" && repeated["X-Kong-Response-Latency"] == nil)
      try client.request("GET", "/bare")
      let bare = try client.response()
      #expect(bare.head.all("Date").count == 1 && bare.head.all("Server") == ["kong/3.9.3"])
      try client.request("GET", "/own")
      let own = try client.response()
      #expect(own["X-Kong-Response-Latency"] != nil && own["X-Kong-Upstream-Latency"] == nil)
    }
    #expect(fixture.origin.requests.isEmpty)
  }

  @Test func severalValuesAreSet() throws {
    let fixture = try EngineFixture([
      Script(
        access: { context in
          context.serviceRequest.setHeader("x-two", values: ["1", "2"])
          context.serviceRequest.setHeader("x-none", values: [])
          return .next
        },
        headerFilter: { context in
          context.response.setHeader("x-two", values: context.response.headers("X-OLD") + ["3"])
          context.response.setHeader("x-old", values: [])
        }
      ).slot
    ]) { exchange in
      let seen = exchange.head.all("X-Two").joined(separator: ",") + (exchange.head["X-None"] ?? "nil")
      try exchange.respond(headers: [("X-Old", "1"), ("x-old", "2")], body: seen)
    }
    let response = try fixture.send(headers: [("X-Two", "0"), ("X-None", "0")])
    #expect(response.text == "1,2nil")
    #expect(response.head.all("X-Two") == ["1", "2", "3"] && response["X-Old"] == nil)
  }

  /// A second field would let the service believe the wrong one.
  @Test func whatTheGatewaySaysOfTheClientIsItsOwn() throws {
    let names = ["X-Forwarded-For", "x-forwarded-proto", "X-Real-IP", "Via"]
    let fixture = try EngineFixture([
      Script(access: { context in
        context.serviceRequest.setHeader(names[0], "10.0.0.1")
        context.serviceRequest.addHeader(names[1], "https")
        context.serviceRequest.setHeader(names[2], values: ["10.0.0.1"])
        context.serviceRequest.clearHeader(names[3])
        return .next
      }).slot
    ]) { exchange in
      let counts = names.map { "\(exchange.head.all($0).count)" }
      try exchange.respond(body: counts.joined() + (exchange.head[names[2]] ?? "nil"))
    }
    #expect(try fixture.send().text == "1111127.0.0.1")
  }

  @Test func capturesAreFoundByNumberAndName() throws {
    let journal = Journal()
    let script = Script(access: { context in
      for group in [0, 1, 2, -1, 9] { journal.note(context.uriCapture(group) ?? "nil") }
      for name in ["id", "none"] { journal.note(context.uriCapture(named: name) ?? "nil") }
      return .next
    })
    let fixture = try EngineFixture([script.slot], path: "~/users/(?<id>\\d+)/(x)?")
    _ = try fixture.send("GET", "/users/42/")
    #expect(journal.lines == ["/users/42/", "42", "nil", "nil", "nil", "42", "nil"])
  }
}
