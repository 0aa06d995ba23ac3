// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1

// `#expect` cannot look into calls that take a `Span`, so tests make them with arrays.

extension KnownField {
  static func of(_ name: String) -> KnownField {
    let bytes = Array(name.utf8)
    return Self.of(bytes.span)
  }

  static func of(_ name: [UInt8]) -> KnownField { Self.of(name.span) }
}

extension HTTPMethod {
  static func of(_ name: String) -> HTTPMethod {
    let bytes = Array(name.utf8)
    return Self.of(bytes.span)
  }
}

extension RequestHeadParser {
  mutating func parse(_ input: [UInt8], into head: inout RequestHead) -> ParseResult {
    self.parse(input.span, into: &head)
  }
}

extension ResponseHeadParser {
  mutating func parse(_ input: [UInt8], into head: inout ResponseHead) -> ParseResult {
    self.parse(input.span, into: &head)
  }
}

extension ChunkedDecoder {
  mutating func next(_ input: [UInt8], from offset: Int) -> ChunkedEvent {
    self.next(input.span, from: offset)
  }
}

extension FieldTokens {
  mutating func next(in input: [UInt8]) -> ByteRange? { self.next(in: input.span) }
}

extension [UInt8] {
  func text(_ range: ByteRange) -> String { String(decoding: self[range.bounds], as: UTF8.self) }
}
