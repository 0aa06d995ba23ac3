// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1

/// Limits small enough for a fuzzer to reach.
let limits: HeadLimits = {
  var limits = HeadLimits(requestLineBytes: 64, fieldLineBytes: 64, headBytes: 512, fieldCount: 4)
  limits.chunkExtensionBytes = 16
  return limits
}()

/// What a decoder made of a body.
private struct Outcome: Equatable {
  var content: [UInt8] = []
  var end: Int?
  var failure: HeadError?
  var trailers: [[UInt8]] = []
}

/// A chunked body, of a client and of a service: whole, byte by byte and in two pieces must agree; what was decoded,
/// written again and decoded again is the same; what a client may send means the same when a service sends it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzChunked(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let strict = check(bytes, isLoose: false)
  let loose = check(bytes, isLoose: true)
  if strict.end != nil, strict != loose { fatalError("a service's differs") }
  return 0
}

private func check(_ bytes: [UInt8], isLoose: Bool) -> Outcome {
  let count = bytes.count
  let whole = decode(bytes, pieces: max(1, count), isLoose)
  guard decode(bytes, pieces: 1, isLoose) == whole else { fatalError("byte by byte differs") }
  guard decode(bytes, pieces: max(1, count / 2), isLoose) == whole else { fatalError("two pieces differ") }
  if whole.content.count > count { fatalError("content from nowhere") }
  guard let end = whole.end else { return whole }
  if end > count { fatalError("an end outside of the input") }
  checkWritten(whole)
  return whole
}

private func decode(_ bytes: [UInt8], pieces size: Int, _ isLoose: Bool) -> Outcome {
  var decoder = ChunkedDecoder(limits: limits, isLoose: isLoose)
  var outcome = Outcome()
  var start = 0
  while start < bytes.count {
    let piece = Array(bytes[start..<min(bytes.count, start + size)])
    var offset = 0
    loop: while true {
      switch decoder.next(piece.span, from: offset) {
      case .needMoreData: break loop
      case .data(let range):
        if range.isEmpty || range.lowerBound < offset { fatalError("no progress") }
        outcome.content += piece[range]
        offset = range.upperBound
      case .end(let after):
        outcome.end = start + after
        for field in decoder.trailers.fields {
          outcome.trailers += [decoder.trailers[field.name].array, decoder.trailers[field.value].array]
        }
        return outcome
      case .failed(let error):
        outcome.failure = error
        return outcome
      }
    }
    start += piece.count
  }
  return outcome
}

private func checkWritten(_ outcome: Outcome) {
  var buffer = ByteBuffer()
  if !outcome.content.isEmpty {
    buffer.appendChunkHeader(count: outcome.content.count)
    buffer.append(outcome.content)
    buffer.appendChunkEnd()
  }
  buffer.append("0\r\n")
  for index in stride(from: 0, to: outcome.trailers.count, by: 2) {
    let (name, value) = (outcome.trailers[index], outcome.trailers[index + 1])
    buffer.appendField(name.span, value.span)
  }
  buffer.append("\r\n")
  let again = decode(buffer.span.array, pieces: max(1, buffer.count), false)
  // A space after each colon can be new, and so the section can outgrow its limit.
  if again.failure == HeadError(.trailerTooLong) { return }
  guard again.content == outcome.content, again.trailers == outcome.trailers, again.end == buffer.count
  else { fatalError("written and read again it differs") }
}
