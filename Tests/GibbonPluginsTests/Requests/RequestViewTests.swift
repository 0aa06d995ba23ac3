// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Testing

@testable import GibbonPluginAPI

/// What plugins are told of a request, where bytes and characters differ.
@Suite struct RequestViewTests {
  @Test(arguments: [
    ("/a?b", "/a?b"), ("http://h.test/a?b", "/a?b"), ("http://h.test", "/"), ("http://h.test?b", "/?b"), ("/", "/"),
    ("http://h.test/a#f", "/a"),
  ]) func theTargetIsPathAndQuery(target: String, expected: String) throws {
    #expect(try FakeRequest(target).context.request.pathWithQuery == expected)
  }

  @Test func argumentsAreFoundByTheirBytes() throws {
    let request = try FakeRequest("/?K=1&%E2%84%AA=2&e%CC%81=3&%C3%A9=4&k")
    let view = request.context.request
    #expect(view.queryArguments("K") == ["1"] && view.queryArguments("\u{212A}") == ["2"])
    #expect(view.queryArguments("\u{E9}") == ["4"] && view.queryArguments("e\u{301}") == ["3"])
    #expect(view.queryValues("k") == [nil] && view.queryArgument("k") == "" && view.queryArgument("x") == nil)
    withExtendedLifetime(request) {}
  }

  @Test func underscoresStandForDashesWhereThereIsNoSuchField() throws {
    let request = try FakeRequest(headers: [("X-A", "1"), ("x_b", "2"), ("X-B", "3")])
    let view = request.context.request
    #expect(view.headers(lookingUp: "x_a") == ["1"] && view.headers(lookingUp: "X_A") == ["1"])
    #expect(view.headers(lookingUp: "x_b") == ["2"] && view.headers(lookingUp: "X_B") == ["3"])
    #expect(view.headers(lookingUp: "x-a") == ["1"] && view.headers(lookingUp: "x-c").isEmpty)
    withExtendedLifetime(request) {}
  }

  @Test func methodsAreCompared() throws {
    let request = try FakeRequest(method: "OPTIONS")
    #expect(request.context.request.isMethod("OPTIONS") && !request.context.request.isMethod("OPTION"))
    withExtendedLifetime(request) {}
  }
}
