// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1

/// The head of a request as the API needs it.
struct ReceivedHead: Sendable {
  var method: String
  /// Path and query, whatever form the target has.
  var target: String
  /// The target as it was sent.
  var sentTarget: String
  /// Whom the request is for, without the port: the authority of an absolute target, else `Host`. nil without any.
  var host: String?
  /// Names in lower case.
  var fields: [(name: String, value: String)]
  var framing: BodyFraming
  /// Whether the connection may carry another request.
  var isPersistent: Bool
  var expectsContinue: Bool

  init(method: String, target: String, host: String? = nil, fields: [(name: String, value: String)] = []) {
    self.method = method
    self.target = target
    self.sentTarget = target
    self.host = host
    self.fields = fields
    self.framing = .none
    self.isPersistent = true
    self.expectsContinue = false
  }

  /// - Parameter bytes: what the head was parsed from.
  init(_ head: RequestHead, in bytes: Span<UInt8>) {
    func text(_ range: ByteRange) -> String { bytes.extracting(range.bounds).text }
    let path = head.path.isEmpty ? "/" : text(head.path)
    self.init(
      method: text(head.methodName), target: head.query.map { path + "?" + text($0) } ?? path,
      host: head.hostName.isEmpty ? nil : text(head.hostName),
      fields: head.fields.map { field in
        (
          String(decoding: bytes.extracting(field.name.bounds).array.map(\.asciiLowercased), as: UTF8.self),
          text(field.value)
        )
      })
    self.sentTarget = text(head.target)
    self.framing = head.framing
    self.isPersistent = head.isPersistent
    self.expectsContinue = head.expectsContinue
  }

  /// All values of a field.
  ///
  /// - Parameter name: in lower case.
  func values(_ name: String) -> [String] { self.fields.filter { $0.name == name }.map(\.value) }

  /// Whether content follows.
  var hasBody: Bool {
    switch self.framing {
    case .none, .contentLength(0): false
    case .contentLength, .chunked, .untilClose: true
    }
  }
}
