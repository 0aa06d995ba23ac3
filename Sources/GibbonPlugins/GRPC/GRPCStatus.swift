// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI

/// How a call ended: `grpc-status`, `grpc-message` and `grpc-status-details-bin`.
struct GRPCStatus: Sendable, Hashable {
  static let ok = 0
  static let unknown = 2
  static let internalError = 13

  let code: Int
  /// Percent-encoded, as it goes over the wire.
  let encodedMessage: String
  /// A `google.rpc.Status` in base64.
  var details: String?

  init(_ code: Int, _ message: String = "") {
    self.code = code
    self.encodedMessage = Self.encoded(message)
  }

  /// What a call ended with whose service did not say.
  static let missing = GRPCStatus(Self.unknown, "the service did not send grpc-status")

  /// From the fields after a body, or from those of a head without one; nil where they do not say.
  init?(_ field: (String) -> String?) {
    guard let text = field("grpc-status") else { return nil }
    let digits = text.utf8
    self.code = (1...3).contains(digits.count) && digits.allSatisfy(\.isASCIIDigit) ? Int(text) ?? 2 : Self.unknown
    self.encodedMessage = field("grpc-message") ?? ""
    self.details = field("grpc-status-details-bin")
  }

  init?(trailers: [(name: String, value: String)]) {
    self.init { name in trailers.last { $0.name.isSame(ignoringCase: name) }?.value }
  }

  /// Of a response whose body has ended.
  static func atEnd(of response: ResponseView) -> GRPCStatus {
    GRPCStatus(trailers: response.trailers) ?? GRPCStatus { response.header($0) } ?? .missing
  }

  /// What the message says; what is no percent-encoding is left as it is.
  var message: String { String(decoding: FormText.unescaped(self.encodedMessage.utf8), as: UTF8.self) }

  /// Printable ASCII as it is but for `%`.
  private static func encoded(_ message: String) -> String {
    String(
      decoding: message.utf8.flatMap { byte in
        0x20...0x7E ~= byte && byte != UInt8(ascii: "%") ? [byte] : byte.percentEscape
      }, as: UTF8.self)
  }

  /// The status of HTTP that Kong's grpc-gateway has for it.
  var httpStatus: UInt16 {
    switch self.code {
    case 0: 200
    case 1: 499
    case 3, 9, 11: 400
    case 4: 504
    case 5: 404
    case 6, 10: 409
    case 7: 403
    case 8: 429
    case 14: 503
    case 16: 401
    default: 500
    }
  }

  /// What an answer over plain HTTP means to a client of gRPC, as Kong words its own errors.
  init(httpStatus: UInt16) {
    switch httpStatus {
    case 200..<300: self.init(0)
    case 400: self.init(3, "InvalidArgument")
    case 401: self.init(16, "Unauthenticated")
    case 403: self.init(7, "PermissionDenied")
    case 404: self.init(5, "NotFound")
    case 409: self.init(6, "AlreadyExists")
    case 429: self.init(8, "ResourceExhausted")
    case 499: self.init(1, "Canceled")
    case 501: self.init(12, "Unimplemented")
    case 503: self.init(14, "Unavailable")
    case 504: self.init(4, "DeadlineExceeded")
    case 500..<600: self.init(13, "Internal")
    case 400..<500: self.init(3, "InvalidArgument")
    default: self.init(2, "Unknown")
    }
  }

  /// Writes it to the head of a response.
  func write(to response: ResponseView) {
    response.setHeader("grpc-status", "\(self.code)")
    if !self.encodedMessage.isEmpty { response.setHeader("grpc-message", self.encodedMessage) }
    if let details = self.details { response.setHeader("grpc-status-details-bin", details) }
  }
}
