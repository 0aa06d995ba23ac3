// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonPlugins

@Suite struct MultipartFormTests {
  private static func part(_ head: String, _ value: String) -> String { "--B\r\n\(head)\r\n\r\n\(value)\r\n" }

  private static func field(_ name: String, _ value: String) -> String {
    part("Content-Disposition: form-data; name=\"\(name)\"", value)
  }

  private static func form(_ body: String) -> MultipartForm {
    MultipartForm(Array(body.utf8), boundary: Array("B".utf8))
  }

  private static func text(_ form: MultipartForm) -> String { String(decoding: form.encoded(), as: UTF8.self) }

  private static func names(_ body: String) -> [String] {
    form(body).parts.map { "\(String(decoding: $0.name, as: UTF8.self))=\(String(decoding: $0.value, as: UTF8.self))" }
  }

  @Test func partsAreReadAndWrittenAgain() {
    let file = "Content-Disposition: form-data; name=\"f\"; filename=\"a;b.txt\"\r\nContent-Type: text/plain"
    let body = Self.field("a", "1") + Self.part(file, "line\r\n\r\nline\n") + Self.field("a", "") + "--B--\r\n"
    #expect(Self.names(body) == ["a=1", "f=line\r\n\r\nline\n", "a="])
    #expect(Self.text(Self.form(body)) == body)
  }

  static let readings: [(String, [String])] = [
    ("", []), ("nothing", []), ("--B--\r\n" + field("a", "1"), []),
    ("preamble\r\n" + field("a", "1") + "--B--epilogue", ["a=1"]),
    ("--B\nContent-Disposition: form-data; name=a\n\n1\n--B--\n", ["a=1"]), (field("a", "1"), ["a=1\r\n"]),
    (part("content-disposition:form-data;NAME=\"a\"", "1") + "--B--", ["a=1"]),
    (part("Content-Disposition: form-data;\r\n name=\"a\"", "1") + "--B--", ["a=1"]),
    (part("Content-Disposition: form-data; name=\"a\\\"b\"", "1") + "--B--", ["a\"b=1"]),
    (part("Content-Disposition: form-data; filename=\"; name=x\"; name=\"a\"", "1") + "--B--", ["a=1"]),
    (part("Content-Disposition: form-data; name=\"a\"; name=\"b\"", "1") + "--B--", []),
    (part("Content-Disposition: form-data; name=\"a\"\r\nContent-Disposition: x; name=b", "1") + "--B--", []),
    (part("X: 1", "1") + part("Content-Disposition: form-data", "1") + "--B--", []),
    ("--B\r\nContent-Disposition: form-data; name=\"a\"\r\n--B--", ["a="]), ("--B\r\n", []), ("--B", []),
    ("--B\r\n\r\nx", []),
    ("--B\r\nContent-Disposition: form-data; name=\"a\"", ["a="]),
  ]

  @Test(arguments: Self.readings) func partsAreTold(body: String, names: [String]) {
    #expect(Self.names(body) == names)
  }

  private static func pair(_ name: String, _ value: String?) -> RenderedOperations.Pair {
    RenderedOperations.Pair(name: name, value: value)
  }

  @Test func areChangedInKongsOrder() throws {
    let file = Self.part("Content-Disposition: form-data; name=\"f\"; filename=\"x\"", "data")
    var form = Self.form(file + Self.field("a", "1") + Self.field("a", "2") + Self.field("c", "3") + "--B--\r\n")
    let operations = RenderedOperations(
      remove: ["c"], rename: [Self.pair("f", "g"), Self.pair("c", "d"), Self.pair("x", "y")],
      replace: [Self.pair("a", "9"), Self.pair("no", "1")], add: [Self.pair("a", "no"), Self.pair("b", "8")],
      append: [Self.pair("b", "7")])
    #expect(try form.apply(operations))
    #expect(
      Self.text(form) == Self.field("g", "data") + Self.field("d", "3") + Self.field("a", "9") + Self.field("b", "8")
        + "--B--\r\n")
    #expect(try !form.apply(RenderedOperations(remove: ["x"], rename: [Self.pair("a", "a")])))
    #expect(try form.apply(RenderedOperations(remove: ["g", "d", "a", "b"])))
    #expect(Self.text(form) == "")
  }

  /// A value that comes from the request must not bring parts of its own.
  @Test(arguments: ["x\r\n--B\r\nContent-Disposition: form-data; name=\"role\"\r\n\r\nroot", "--B", "x\r--B--"])
  func aValueWithTheBoundaryIsRefused(value: String) {
    var form = Self.form(Self.field("a", "1") + "--B--\r\n")
    #expect(throws: TransformFailure.self) { try form.apply(RenderedOperations(add: [Self.pair("b", value)])) }
    #expect(throws: TransformFailure.self) { try form.apply(RenderedOperations(replace: [Self.pair("a", value)])) }
  }

  @Test func aNameIsQuoted() throws {
    var form = Self.form("")
    _ = try form.apply(RenderedOperations(add: [Self.pair("a\"\r\nX: 1", "1")]))
    #expect(Self.text(form) == Self.field("a%22%0D%0AX: 1", "1") + "--B--\r\n")
  }

  static let types: [(String, String?)] = [
    ("multipart/form-data; boundary=abc", "abc"), ("multipart/form-data;boundary=\"a b;c\"", "a b;c"),
    ("multipart/form-data; charset=x; Boundary=abc; y=z", "abc"), ("multipart/form-data; boundary=abc ; y", "abc"),
    ("multipart/form-data", nil), ("multipart/form-data; boundary=", nil), ("multipart/form-data; boundary", nil),
    ("multipart/form-data; boundary=a; boundary=b", nil), ("multipart/form-data; boundary=\"\"", nil), ("", nil),
    (";;;=", nil),
  ]

  @Test(arguments: Self.types) func boundaryIsFound(type: String, boundary: String?) {
    #expect(MultipartForm.boundary(of: Array(type.utf8)).map { String(decoding: $0, as: UTF8.self) } == boundary)
  }

  @Test func anythingMayArrive() {
    var random = SystemRandomNumberGenerator()
    let pieces = [
      "--B", "--B--", "\r\n", "\n", "\r", "Content-Disposition:", " form-data;", " name=", "\"a\"", "\"", "\\", ";",
      "=", "x", " ",
      "\r\n\r\n",
    ]
    for _ in 0..<3000 {
      let body = (0..<Int.random(in: 0...30, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
      let form = Self.form(body.joined())
      #expect(MultipartForm(form.encoded(), boundary: Array("B".utf8)).parts == form.parts, "\(body)")
    }
  }
}
