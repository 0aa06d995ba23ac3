// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonAdmin

@Suite struct ContentTypeTests {
  @Test(
    arguments: [
      ("application/json", .json),
      ("Application/JSON; charset=utf-8", .json),
      (" application/json ", .json),
      ("application/json-patch+json", .json),
      ("application/x-www-form-urlencoded", .form),
      ("application/x-www-form-urlencoded;charset=UTF-8", .form),
      ("application/yaml", .yaml),
      ("TEXT/YAML", .yaml),
      ("", .none),
      ("  ", .none),
      ("text/plain", .unsupported),
      ("application/jso", .unsupported),
      ("multipart/mixed; boundary=a", .unsupported),
      ("text/html, application/json", .unsupported),
      ("\0application/json", .unsupported),
    ] as [(String, ContentType.Kind)])
  func typeIsTakenByItsFirstLettersInEitherCase(header: String, kind: ContentType.Kind) {
    #expect(ContentType(header).kind == kind)
  }

  @Test func missingHeaderSaysNothing() {
    #expect(ContentType(nil).kind == .none)
  }

  @Test(arguments: [
    ("multipart/form-data; boundary=abc", "abc"),
    ("Multipart/Form-Data;BOUNDARY=AbC", "AbC"),
    ("multipart/form-data; charset=utf-8; boundary=\"a b\"; x=y", "a b"),
    ("multipart/form-data; boundary = abc ;", "abc"),
    ("multipart/form-data; x=\"; boundary=no\"; boundary=yes", "yes"),
    ("multipart/form-data; boundary=\"a\\\"b\"", "a\"b"),
    ("multipart/form-data; boundary=\(String(repeating: "b", count: 70))", String(repeating: "b", count: 70)),
  ])
  func boundaryIsReadFromItsParameter(header: String, boundary: String) {
    #expect(ContentType(header).kind == .multipart(boundary: boundary))
  }

  @Test(arguments: [
    "", ";", "; boundary", "; boundary=", "; boundary=\"\"", "; boundary=\"a \"", "; boundary=a\0b",
    "; boundary=\u{E9}", "; xboundary=a", "; boundary=a\r\nb", "; boundary=\(String(repeating: "b", count: 71))",
    String(repeating: "; x=y", count: 1000) + "; boundary=a",
  ])
  func boundaryThatBreaksTheRulesIsNone(parameters: String) {
    #expect(ContentType("multipart/form-data" + parameters).kind == .multipart(boundary: nil))
  }

  @Test func formsAreToldFromBodiesThatHaveTypes() {
    #expect(ContentType("multipart/form-data").isForm)
    #expect(ContentType("application/x-www-form-urlencoded").isForm)
    for header in ["application/json", "application/yaml", "text/plain", ""] {
      #expect(!ContentType(header).isForm)
    }
  }
}
