// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1
import GibbonHTTP2

/// Limits small enough for a fuzzer to reach, and limits that it does not reach within a block of its length.
let narrow = HPACKLimits(fieldCount: 6, listBytes: 400)
let wide = HPACKLimits(fieldCount: 10_000, listBytes: 1 << 24)

/// Blocks of one connection, each after its length in a byte; 254 and 255 change the limit of the table to the next
/// byte. What a decoder with narrow limits keeps must be the beginning of what one with wide limits has, block by
/// block; every place lies in the bytes; and what is well-formed comes back from an encoder.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHPACK(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  var connection = Connection()
  var position = 0
  while position + 1 < input.count {
    let length = Int(input[position])
    if length >= 254 {
      connection.setTableLimit(Int(input[position + 1]) * 4)
      position += 2
      continue
    }
    let end = min(input.count, position + 1 + length)
    guard connection.read(Array(input[(position + 1)..<end])) else { return 0 }
    position = end
  }
  return 0
}

/// The sections of a block as two decoders see it, and as a third one does after an encoder.
struct Connection {
  var small = HPACKDecoder(tableLimit: 256)
  var large = HPACKDecoder(tableLimit: 256)
  var encoder = HPACKEncoder(tableLimit: 256, huffmanLimit: 64)
  var last = HPACKDecoder(tableLimit: 256)

  mutating func setTableLimit(_ limit: Int) {
    self.small.setTableLimit(limit)
    self.large.setTableLimit(limit)
    self.encoder.setTableLimit(limit)
    self.last.setTableLimit(limit)
  }

  /// False: the connection ended.
  mutating func read(_ block: [UInt8]) -> Bool {
    var all = Section()
    let error = all.read(block, with: &self.large, wide)
    if error == .excessive || all.outcome.isTooLarge { fatalError("beyond the wide limits") }
    var few = Section()
    let smallError = few.read(block, with: &self.small, narrow)
    guard smallError == error || smallError == .excessive else { fatalError("limits change what is an error") }
    few.check(narrow)
    guard few.fields.elementsEqual(all.fields.prefix(few.fields.count)) else { fatalError("not a beginning") }
    if error != nil { return false }
    all.check(wide)
    if smallError == nil {
      let stored = few.bytes.span.array
      guard stored.elementsEqual(all.bytes.span.array.prefix(stored.count)) else { fatalError("other bytes") }
      guard few.outcome.isTooLarge == (few.fields.count < all.fields.count) else { fatalError("a wrong outcome") }
      guard few.outcome.isMalformed == all.outcome.isMalformed else { fatalError("limits change what is malformed") }
    }
    if !all.outcome.isMalformed { self.sendOn(all) }
    return smallError == nil
  }

  private mutating func sendOn(_ section: Section) {
    var output = ByteBuffer()
    self.encoder.beginBlock(to: &output)
    var expected: [[UInt8]] = []
    for field in section.fields {
      let (name, value) = (section.bytes[field.name].array, section.bytes[field.value].array)
      self.encoder.append(name: name.span, value: value.span, to: &output)
      switch String(decoding: name, as: UTF8.self) {
      case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "http2-settings": continue
      case "te" where String(decoding: value, as: UTF8.self).lowercased() != "trailers": continue
      default: expected += [name, value]
      }
    }
    var again = Section()
    if let error = again.read(output.span.array, with: &self.last, wide) { fatalError("our own block: \(error)") }
    let texts = again.fields.flatMap { [again.bytes[$0.name].array, again.bytes[$0.value].array] }
    guard texts == expected, !again.outcome.isMalformed else { fatalError("sent \(expected), came \(texts)") }
  }
}

/// A decoded block.
struct Section {
  var bytes = ByteBuffer()
  var fields: [HeaderField] = []
  var outcome = HPACKDecoder.Outcome()
  var isDecoded = false

  mutating func read(_ block: [UInt8], with decoder: inout HPACKDecoder, _ limits: HPACKLimits) -> HPACKError? {
    do {
      self.outcome = try decoder.decode(block.span, limits: limits, into: &self.bytes, fields: &self.fields)
      self.isDecoded = true
      return nil
    } catch {
      return error
    }
  }

  /// What is kept keeps to the limits, and the flag says what a slow look finds.
  func check(_ limits: HPACKLimits) {
    var size = 0
    var isMalformed = false
    for field in self.fields {
      guard field.value.upperBound <= self.bytes.count, field.name.upperBound <= self.bytes.count else {
        fatalError("a place outside of the bytes")
      }
      let (name, value) = (self.bytes[field.name].array, self.bytes[field.value].array)
      size += name.count + value.count + HPACKLimits.fieldOverhead
      isMalformed = isMalformed || !Self.isName(name) || !Self.isValue(value)
      guard field.known == .of(name.span) else { fatalError("another name than it is") }
    }
    guard self.fields.count <= limits.fieldCount, size <= limits.listBytes else { fatalError("more than the limits") }
    // After an error nothing is said of what came before it.
    guard self.isDecoded else { return }
    if isMalformed, !self.outcome.isMalformed { fatalError("it is malformed") }
    if self.outcome.isTooLarge { return }
    if self.outcome.isMalformed, !isMalformed { fatalError("it is not malformed") }
    if self.bytes.count != size - HPACKLimits.fieldOverhead * self.fields.count { fatalError("bytes of no field") }
  }

  private static func isName(_ name: [UInt8]) -> Bool {
    let text = name.first == UInt8(ascii: ":") ? name.dropFirst() : name[...]
    let tokens = Array("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz".utf8)
    return !text.isEmpty && text.allSatisfy { tokens.contains($0) }
  }

  private static func isValue(_ value: [UInt8]) -> Bool {
    let blanks: [UInt8] = [9, 32]
    if let first = value.first, blanks.contains(first) { return false }
    if let last = value.last, blanks.contains(last) { return false }
    return value.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 9 }
  }
}
