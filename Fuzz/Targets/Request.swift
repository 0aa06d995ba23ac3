// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1

/// Limits small enough for a fuzzer to reach.
let limits: HeadLimits = {
  var limits = HeadLimits(requestLineBytes: 128, fieldLineBytes: 96, headBytes: 512, fieldCount: 8)
  limits.targetBytes = 100
  return limits
}()

/// A request head: whole and byte by byte must agree, and every place must lie in the head.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRequest(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  var parser = RequestHeadParser(limits: limits)
  var whole = RequestHead()
  let result = parser.parse(bytes.span, into: &whole)
  if parser.parse(bytes.span, into: &whole) != result, case .failed = result { fatalError("a failure was forgotten") }
  var pieces = RequestHead()
  var last = ParseResult.needMoreData
  parser.reset()
  for end in 0...count {
    last = parser.parse(bytes.span.extracting(0..<end), into: &pieces)
    if last != .needMoreData { break }
  }
  guard last == result else { fatalError("whole \(result), byte by byte \(last)") }
  guard case .complete(let length) = result else { return 0 }
  parser.reset()
  guard parser.parse(bytes.span, into: &whole) == result else { fatalError("a reset parser says otherwise") }
  check(whole, same: pieces, bytes, length: length)
  return 0
}

private func check(_ head: RequestHead, same other: RequestHead, _ bytes: [UInt8], length: Int) {
  guard length <= bytes.count, length <= limits.headBytes else { fatalError("a head beyond its limit") }
  var places = [head.methodName, head.target, head.scheme, head.path, head.authority, head.hostName]
  if let query = head.query { places.append(query) }
  for field in head.fields { places += [field.name, field.value] }
  for place in places where place.upperBound > length { fatalError("a place outside of the head") }
  for field in head.fields {
    if field.name.isEmpty { fatalError("an empty name") }
    let (name, value) = (bytes[field.name.bounds], bytes[field.value.bounds])
    if name.contains(where: { $0 <= 0x20 || $0 >= 0x7F || $0 == 0x3A }) { fatalError("a bad byte in a name") }
    if value.contains(where: { ($0 < 0x20 && $0 != 9) || $0 == 0x7F }) { fatalError("a bad byte in a value") }
  }
  if bytes[head.target.bounds].contains(where: { $0 <= 0x20 || $0 >= 0x7F }) { fatalError("a bad byte in a target") }
  guard head.fields == other.fields, head.framing == other.framing, head.flags == other.flags,
    head.authority == other.authority, head.path == other.path, head.query == other.query,
    head.isPersistent == other.isPersistent, head.port == other.port, head.hostName == other.hostName
  else { fatalError("whole and pieces differ") }
  if head.version == .http11, head.authority.isEmpty { fatalError("HTTP/1.1 without a host") }
  let lengths = head.fields.count { $0.known == .contentLength }
  let codings = head.fields.count { $0.known == .transferEncoding }
  switch head.framing {
  case .none: if lengths + codings != 0 { fatalError("framing was overlooked") }
  case .contentLength: if lengths != 1 || codings != 0 { fatalError("a length among others") }
  case .chunked: if lengths != 0 || codings != 1 { fatalError("chunked among others") }
  case .untilClose: fatalError("a request until close")
  }
}
