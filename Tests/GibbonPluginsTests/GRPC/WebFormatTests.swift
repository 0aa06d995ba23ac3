// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonPlugins

@Suite struct WebFormatTests {
  @Test(arguments: [
    ("application/grpc-web", "proto", "application/grpc"),
    ("application/grpc-web+proto", "proto", "application/grpc+proto"),
    ("Application/grpc-web; charset=x", "proto", "application/grpc"),
    ("application/grpc-web+json", "json", "application/grpc"),
    ("application/grpc-web-text", "text proto", "application/grpc"),
    ("application/grpc-web-text+proto", "text proto", "application/grpc+proto"),
    ("application/grpc-web-text+json", "text json", "application/grpc"),
    ("application/json", "json bare", "application/grpc"),
    ("application/json; charset=utf-8", "json bare", "application/grpc"),
  ])
  func types(type: String, words: String, service: String) throws {
    let format = try #require(WebFormat(contentType: type))
    let found = (format.isText ? "text " : "") + (format.isJSON ? "json" : "proto") + (format.isFramed ? "" : " bare")
    #expect(found == words && format.serviceType == service)
  }

  @Test(arguments: [
    "", "text/plain", "application/grpc", "application/grpc+proto", "application/grpc-webx",
    "application/grpc-web+thrift",
    "application/grpc-web-text+", "application/grpc-web-textual", "application/jsonp",
  ])
  func otherTypes(type: String) { #expect(WebFormat(contentType: type) == nil) }

  // MARK: Base64

  @Test(arguments: [
    ("", ""), ("YWJj", "abc"), ("YQ==", "a"), ("YWI=", "ab"), ("YQ==YWI=YWJj", "aababc"), ("YWJjYQ==", "abca"),
    ("YQ", "a"), ("YWI=YWI", "abab"),
  ])
  func textsInARowAreRead(text: String, bytes: String) {
    #expect(WebText.decoded(Array(text.utf8)) == Array(bytes.utf8))
  }

  @Test(arguments: ["=", "Y", "Y===", "YQ=", "YQ==YWJ=x", "YQ===", "YW J", "YWJj====", "-_-_", "YQ\n==", "é"])
  func otherTextsAreRefused(text: String) { #expect(WebText.decoded(Array(text.utf8)) == nil) }

  @Test func partsAreWholeTexts() {
    let bytes = (0..<200).map { UInt8($0) }
    for size in 1...9 {
      let parts = stride(from: 0, to: 200, by: size).map { Array(bytes[$0..<min($0 + size, 200)]) }
      let text = parts.map { WebText.encoded($0) }
      #expect(text.allSatisfy { $0.count % 4 == 0 })
      #expect(WebText.decoded(Array(text.joined())) == bytes)
    }
  }

  // MARK: Trailers

  @Test func trailersAreAFrame() {
    let frame = TrailerFrame.make([("Grpc-Status", "0"), ("grpc-message", "a\r\nb: c"), ("x-bin", "AA==")])
    let text = "grpc-status:0\r\ngrpc-message:a  b: c\r\nx-bin:AA==\r\n"
    #expect(frame == [0x80, 0, 0, 0, UInt8(text.utf8.count)] + Array(text.utf8))
  }
}
