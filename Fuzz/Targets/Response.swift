// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1

/// Limits small enough for a fuzzer to reach.
let limits = HeadLimits(requestLineBytes: 64, fieldLineBytes: 96, headBytes: 512, fieldCount: 8)

/// A response head: whole and byte by byte must agree, and every place must lie in the head.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzResponse(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  var parser = ResponseHeadParser(limits: limits)
  var whole = ResponseHead()
  let result = parser.parse(bytes.span, into: &whole)
  var pieces = ResponseHead()
  var last = ParseResult.needMoreData
  parser.reset()
  for end in 0...count {
    last = parser.parse(bytes.span.extracting(0..<end), into: &pieces)
    if last != .needMoreData { break }
  }
  guard last == result else { fatalError("whole \(result), byte by byte \(last)") }
  guard case .complete(let length) = result else { return 0 }
  check(whole, same: pieces, bytes, length: length)
  return 0
}

private func check(_ head: ResponseHead, same other: ResponseHead, _ bytes: [UInt8], length: Int) {
  guard length <= bytes.count, length <= limits.headBytes else { fatalError("a head beyond its limit") }
  guard (100...999).contains(head.status) else { fatalError("a status out of range") }
  var places = [head.reason]
  for field in head.fields { places += [field.name, field.value] }
  for place in places where place.upperBound > length { fatalError("a place outside of the head") }
  for field in head.fields {
    if field.name.isEmpty { fatalError("an empty name") }
    let (name, value) = (bytes[field.name.bounds], bytes[field.value.bounds])
    if name.contains(where: { $0 <= 0x20 || $0 >= 0x7F || $0 == 0x3A }) { fatalError("a bad byte in a name") }
    if value.contains(where: { ($0 < 0x20 && $0 != 9) || $0 == 0x7F }) { fatalError("a bad byte in a value") }
  }
  guard head.fields == other.fields, head.declaredFraming == other.declaredFraming, head.flags == other.flags,
    head.reason == other.reason, head.status == other.status, head.isPersistent == other.isPersistent
  else { fatalError("whole and pieces differ") }
  let lengths = head.fields.count { $0.known == .contentLength }
  let codings = head.fields.count { $0.known == .transferEncoding }
  switch head.declaredFraming {
  case .none: fatalError("a response declared empty")
  case .contentLength: if lengths != 1 || codings != 0 { fatalError("a length among others") }
  case .chunked: if lengths != 0 || codings != 1 { fatalError("chunked among others") }
  case .untilClose: if lengths + codings != 0 { fatalError("framing was overlooked") }
  }
  if head.framing(answering: .head) != .none { fatalError("HEAD with content") }
}
