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
