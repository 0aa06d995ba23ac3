// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonPlugins

@Suite struct GRPCStatusTests {
  /// Kong's grpc-gateway.
  @Test func statusesOfHTTP() {
    let statuses = (0...17).map { GRPCStatus($0).httpStatus }
    #expect(statuses == [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 500, 500, 503, 500, 401, 500])
  }

  @Test(arguments: [
    (200, 0), (400, 3), (401, 16), (403, 7), (404, 5), (409, 6), (429, 8), (499, 1), (500, 13), (501, 12), (502, 13),
    (503, 14), (504, 4), (418, 3), (302, 2),
  ])
  func statusesForHTTP(http: UInt16, code: Int) { #expect(GRPCStatus(httpStatus: http).code == code) }

  @Test(arguments: [
    ("0", 0), ("16", 16), ("99", 99), ("", 2), ("-1", 2), ("1x", 2), ("99999999999999999999", 2), (" 1", 2),
  ])
  func whatIsNoNumberIsUnknown(text: String, code: Int) {
    #expect(GRPCStatus(trailers: [("Grpc-Status", text)])?.code == code)
  }

  @Test func messagesAreDecoded() {
    func message(_ text: String) -> String? {
      GRPCStatus(trailers: [("grpc-status", "5"), ("grpc-message", text)])?.message
    }
    #expect(message("not%20found%3A+%C3%A9") == "not found:+é")
    #expect(message("100%") == "100%" && message("%zz%f") == "%zz%f")
    #expect(GRPCStatus(3, "a é\n%").encodedMessage == "a %C3%A9%0A%25")
    #expect(GRPCStatus(trailers: [("x", "y")]) == nil)
  }

  @Test(arguments: [
    ("application/grpc", true), ("Application/GRPC+proto; a=b", true), ("application/grpc ; x", true),
    ("application/grpc-web", false), ("application/grpcx", false), ("text/html", false), ("", false),
  ])
  func types(text: String, isGRPC: Bool) { #expect(GRPCType.isGRPC(text) == isGRPC) }

  @Test func noTypeIsNone() { #expect(!GRPCType.isGRPC(nil)) }
}
