// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonPlugins

/// Which media types are meant.
@Suite struct ContentTypeTests {
  @Test(arguments: [
    ("text/plain", "text/plain", true), ("text/plain", "TEXT/Plain", true), ("text/plain", "text/html", false),
    ("text/plain", "text/plain; charset=utf-8", false), ("text/plain; charset=utf-8", "text/plain", false),
    ("application/json; charset=utf-8", "application/json;Charset=utf-8", true),
    ("application/json; charset=utf-8", "application/json; charset=\"utf-8\"", true),
    ("application/json; charset=UTF-8", "application/json; charset=utf-8", false),
    ("a/b; x=1; y=2", "a/b; y=2; x=1", true), ("a/b; x=1; y=2", "a/b; x=1", false),
    ("*", "any/thing", true), ("*/*", "any/thing", true), ("*/*", "any/thing; x=1", false),
    ("application/*", "application/xml", true), ("application/*", "text/xml", false), ("*/xml", "text/xml", true),
    ("*/*", "nonsense", true), ("text/*", "nonsense", false), ("text/plain", "text/plain;", false),
    ("text/plain", "text/plain x", false),
  ]) func typesAreComparedAsInKong(expected: String, given: String, isCovered: Bool) throws {
    let type = try #require(ContentType(expected))
    #expect(type.covers(ContentType(given)) == isCovered)
  }

  @Test(arguments: [
    "", " ", "/", "a/", "/b", "a", "a/b;", "a/b; x", "a/b; x=", "a/b; x=\"", "a/b; x=\"\\", "a/b; x=\"\\\"", "a/b ",
    "**", "*x", "a/b; =1", "a/b;;x=1", "\u{0}/b", "a/b\u{7F}", "ä/b",
  ]) func whatIsNoTypeIsNone(text: String) {
    #expect(ContentType(text) == nil)
  }

  @Test func quotedValuesAreTakenAsTheyStand() throws {
    #expect(try #require(ContentType(#"a/b; x="1;\"2"; y=3"#)).parameters == ["x": #"1;\"2"#, "y": "3"])
  }
}
