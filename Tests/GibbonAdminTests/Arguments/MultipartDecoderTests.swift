// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonAdmin

@Suite struct MultipartDecoderTests {
  private static func read(_ text: String, boundary: String = "B") throws -> [String] {
    try Self.read(Array(text.utf8), boundary: boundary)
  }

  private static func read(_ bytes: [UInt8], boundary: String = "B") throws -> [String] {
    try MultipartDecoder.pairs(multipart: bytes, boundary: boundary).get()
      .map { "\($0.name):\($0.value.text ?? "")" }
  }

  private static func part(_ name: String, _ content: String, more: String = "") -> String {
    "--B\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\(more)\r\n\(content)\r\n"
  }

  private static let whole =
    part("a", "1") + part("b[]", "x\r\ny", more: "Content-Type: text/plain\r\n") + part("c", "") + "--B--\r\n"

  @Test func partsAreArgumentsInTheirOrder() throws {
    #expect(try Self.read(Self.whole) == ["a:1", "b[]:x\r\ny", "c:"])
  }

  @Test(
    arguments: [
      ("preamble\r\n" + part("a", "1") + "--B--\r\nepilogue\r\n--B\r\n", ["a:1"]),
      (part("a", "1") + "--B--", ["a:1"]),
      ("--B--", []),
      ("--B\r\n--B--", []),
      ("--B\r\n\r\n--B--", []),
      ("--B\r\n\r\nno name\r\n" + part("a", "1") + "--B--", ["a:1"]),
      ("--B \t\r\ncontent-disposition:form-data;name=a\r\n\r\n1\r\n--B--", ["a:1"]),
      ("--B\r\nContent-Disposition: form-data; name=a\r\n\r\n--B--", ["a:"]),
      ("--B\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n1\r\n--B--", []),
      ("--B\r\nContent-Disposition: form-data; name=\"a\\\"b\"; filename=\"C:\\x\"\r\n\r\n1\r\n--B--", ["a\"b:1"]),
      ("--B\r\nX\r\n: y\r\n\r\n1\r\n--B--", []),
      (part("a", "--Bx\r\n--BB\r\n--b\r\n-- B") + "--B--", ["a:--Bx\r\n--BB\r\n--b\r\n-- B"]),
      (part("a", "\0\r\r\n\n") + "--B--", ["a:\0\r\r\n\n"]),
    ] as [(String, [String])])
  func whatSurroundsArgumentsIsTolerated(text: String, pairs: [String]) throws {
    #expect(try Self.read(text) == pairs)
  }

  @Test func bodyThatIsCutOffAnywhereIsRefused() {
    let bytes = Array(Self.whole.utf8)
    for length in 0..<(bytes.count - 4) {
      #expect(throws: ArgumentError.malformedMultipart) { try Self.read(Array(bytes[..<length])) }
    }
  }

  @Test(arguments: ["C", "", "B--", "b", String(repeating: "B", count: 70)])
  func bodyOfAnotherBoundaryIsRefused(boundary: String) {
    #expect(throws: ArgumentError.malformedMultipart) { try Self.read(Self.whole, boundary: boundary) }
  }

  @Test func loneLineFeedsEndNoLine() {
    #expect(throws: ArgumentError.malformedMultipart) {
      try Self.read("--B\nContent-Disposition: form-data; name=a\n\n1\n--B--\n")
    }
  }

  @Test func headerThatDoesNotEndIsRefused() {
    #expect(throws: ArgumentError.malformedMultipart) { try Self.read("--B\r\nX: y\r\nno line break\r\n--B--") }
    let long = "X: \(String(repeating: "y", count: MultipartDecoder.maxHeaderBytes))\r\n"
    #expect(throws: ArgumentError.malformedMultipart) { try Self.read(Self.part("a", "1", more: long) + "--B--") }
    let many = String(repeating: "X: y\r\n", count: 10_000)
    #expect(throws: ArgumentError.malformedMultipart) { try Self.read(Self.part("a", "1", more: many) + "--B--") }
  }

  @Test func thousandPartsAreReadAndOneMoreIsTooMany() throws {
    let part = Self.part("a", "1")
    #expect(try Self.read(String(repeating: part, count: 1000) + "--B--").count == 1000)
    #expect(throws: ArgumentError.tooMany) { try Self.read(String(repeating: part, count: 1001) + "--B--") }
    #expect(throws: ArgumentError.tooMany) { try Self.read(String(repeating: "--B\r\n", count: 1002) + "--B--") }
  }

  @Test func whatIsNotUTF8IsRepaired() throws {
    let bytes = Array("--B\r\nContent-Disposition: form-data; name=a\r\n\r\n".utf8) + [0xFF] + Array("\r\n--B--".utf8)
    #expect(try Self.read(bytes) == ["a:\u{FFFD}"])
  }

  @Test func bytesOfEveryValueNeitherTrapNorHang() {
    var generator = SystemRandomNumberGenerator()
    let alphabet = Array("-B\r\n:; =\"a\\\0".utf8)
    for _ in 0..<2000 {
      let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
        alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
      }
      _ = MultipartDecoder.pairs(multipart: Array("--B\r\n".utf8) + bytes + Array("\r\n--B--".utf8), boundary: "B")
      _ = MultipartDecoder.pairs(multipart: bytes, boundary: "B")
    }
  }
}
