// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// What the framing fields of one head say, gathered field by field. The same for both directions.
struct MessageFacts: Sendable {
  /// What the `Transfer-Encoding` fields say so far.
  enum Coding: UInt8 {
    case none, chunked, unknown, malformed
  }

  var flags: HeadFlags = []
  var coding = Coding.none
  /// nil while no `Content-Length` was seen.
  var contentLength: UInt64?
  /// Options of `Connection` so far. Each may name a field, so the fields are compared with all of them.
  var connectionOptions = 0
  static let connectionOptionLimit = 100
  /// The value of `Host`, once seen.
  var host: HostPort?

  /// Takes a field of `KnownField.framingBits` in. Always called in the order of the lines.
  mutating func note(_ field: HeaderField, in input: Span<UInt8>) -> HeadError.Kind? {
    switch field.known {
    case .host:
      if self.host != nil { return .duplicateHost }
      guard let host = HostPort.parse(input, field.value) else { return .invalidHost }
      self.host = host
    case .contentLength:
      // nginx refuses a second one even with the same value, in requests and in responses.
      if self.contentLength != nil { return .duplicateContentLength }
      guard let length = input.extracting(field.value.bounds).contentLength else { return .invalidContentLength }
      self.contentLength = length
    case .transferEncoding: self.noteCoding(field.value, in: input)
    case .connection:
      self.noteConnection(field.value, in: input)
      if self.connectionOptions > Self.connectionOptionLimit { return .tooManyConnectionOptions }
    case .upgrade: self.noteUpgrade(field.value, in: input)
    case .te: self.noteTE(field.value, in: input)
    case .expect:
      if input.extracting(field.value.bounds).equalsIgnoringCase("100-continue") {
        self.flags.insert(.expectsContinue)
      }
    default: break
    }
    return nil
  }

  /// Settles what the fields mean together (RFC 9112, section 6).
  func framing(version: HTTPVersion) -> Result<BodyFraming, HeadError> {
    if self.coding == .none {
      guard let length = self.contentLength else { return .success(.none) }
      return .success(.contentLength(length))
    }
    if self.contentLength != nil { return .failure(HeadError(.contentLengthAndTransferEncoding)) }
    if version == .http10 { return .failure(HeadError(.transferEncodingInHTTP10)) }
    switch self.coding {
    case .chunked: return .success(.chunked)
    case .unknown: return .failure(HeadError(.unknownTransferEncoding))
    case .malformed, .none: return .failure(HeadError(.invalidTransferEncoding))
    }
  }

  /// Whether the connection outlives this message (RFC 9112, section 9.3).
  func isPersistent(version: HTTPVersion) -> Bool {
    if self.flags.contains(.connectionHasClose) { return false }
    return version == .http11 || self.flags.contains(.connectionHasKeepAlive)
  }
}
