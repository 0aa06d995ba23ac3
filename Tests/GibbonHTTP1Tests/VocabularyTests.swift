// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonHTTP1
import Testing

@Suite struct KnownFieldTests {
  @Test(arguments: KnownField.allCases.filter { $0 != .other })
  func isFoundInAnyCase(_ field: KnownField) {
    let name = "\(field.lowercasedName)"
    #expect(KnownField.of(name) == field)
    #expect(KnownField.of(name.uppercased()) == field)
  }

  /// One letter changed, one missing, one more: another name.
  @Test(arguments: KnownField.allCases.filter { $0 != .other })
  func isNotFoundInSimilarNames(_ field: KnownField) {
    let name = Array("\(field.lowercasedName)".utf8)
    for index in name.indices {
      var changed = name
      changed[index] ^= 0x40
      #expect(KnownField.of(changed) == .other)
    }
    #expect(KnownField.of(name + [0x7A]) == .other)
    #expect(KnownField.of(Array(name.dropLast() + [0x7A])) == .other)
    #expect(KnownField.of("") == .other)
  }

  @Test func setsFitIntoOneWord() {
    #expect(KnownField.allCases.count <= 64)
    #expect(KnownField.other.bit == 0)
    #expect(Set(KnownField.allCases.map(\.bit)).count == KnownField.allCases.count)
  }

  @Test(arguments: [
    KnownField.contentLength, .transferEncoding, .host, .authorization, .setCookie, .connection, .trailer,
    .xForwardedFor, .xRealIP, .contentType, .contentEncoding, .te, .upgrade, .expect, .range, .date, .cookie, .via,
  ])
  func trailersMayNotRouteOrFrame(_ field: KnownField) {
    #expect(field.isForbiddenInTrailers == (field != .via))
  }
}

@Suite struct HTTPMethodTests {
  @Test(arguments: HTTPMethod.allCases.filter { $0 != .other })
  func isFoundByItsExactName(_ method: HTTPMethod) {
    let name = "\(method.name)"
    #expect(HTTPMethod.of(name) == method)
    #expect(HTTPMethod.of(name.lowercased()) == .other)
    #expect(HTTPMethod.of(name + "X") == .other)
  }

  @Test func retryFollowsNginx() {
    let refused = HTTPMethod.allCases.filter { !$0.isIdempotentForRetry }
    #expect(refused == [.post, .patch, .lock])
  }
}

@Suite struct HeadErrorTests {
  @Test(arguments: HeadError.Kind.allCases)
  func hasAReasonAndAStatus(_ kind: HeadError.Kind) {
    #expect(HeadError(kind).reason.utf8CodeUnitCount > 5)
    #expect([400, 414, 494, 501, 505].contains(HeadError(kind).status))
  }
}

/// Sizes that the hot path copies; a change should be a decision.
@Suite struct LayoutTests {
  @Test func hotValuesAreSmall() {
    #expect(MemoryLayout<HeaderField>.stride == 20)
    #expect(MemoryLayout<ParseResult>.size <= 9)
    #expect(MemoryLayout<ChunkedEvent>.size <= 17)
    #expect(MemoryLayout<RequestHead>.size <= 128)
  }
}
