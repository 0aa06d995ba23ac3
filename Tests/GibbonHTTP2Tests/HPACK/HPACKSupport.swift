// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1

@testable import GibbonHTTP2

/// A field as text, one byte a character.
struct TextField: Equatable, CustomStringConvertible {
  var name: String
  var value: String

  init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  var description: String { "\(self.name): \(self.value)" }
}

/// What a decoder made of a block.
struct DecodedBlock {
  var fields: [TextField] = []
  var known: [KnownField] = []
  var outcome = HPACKDecoder.Outcome()
  var bytes = ByteBuffer()
}

/// A decoder and the limits of the test.
struct BlockReader {
  var decoder: HPACKDecoder
  var limits: HPACKLimits

  init(tableLimit: Int = 4096, limits: HPACKLimits = HPACKLimits(fieldCount: 100, listBytes: 16_384)) {
    self.decoder = HPACKDecoder(tableLimit: tableLimit)
    self.limits = limits
  }

  mutating func read(_ block: [UInt8]) throws(HPACKError) -> DecodedBlock {
    var decoded = DecodedBlock()
    var fields: [HeaderField] = []
    // What stands there before must not matter.
    decoded.bytes.append("before")
    decoded.bytes.consume(2)
    decoded.outcome = try self.decoder.decode(
      block.span, limits: self.limits, into: &decoded.bytes, fields: &fields)
    for field in fields {
      decoded.fields.append(TextField(Self.text(decoded.bytes[field.name]), Self.text(decoded.bytes[field.value])))
      decoded.known.append(field.known)
    }
    return decoded
  }

  mutating func read(hex: String) throws(HPACKError) -> DecodedBlock { try self.read(bytes(hex)) }

  /// The error that a block is refused with; nil if it is not.
  mutating func error(_ block: [UInt8]) -> HPACKError? {
    do {
      _ = try self.read(block)
      return nil
    } catch {
      return error
    }
  }

  private static func text(_ bytes: Span<UInt8>) -> String {
    String(String.UnicodeScalarView(bytes.array.map { Unicode.Scalar($0) }))
  }
}

/// The bytes of hexadecimal text with spaces in it.
func bytes(_ hex: String) -> [UInt8] {
  let digits = hex.utf8.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// A literal without an index or Huffman coding, of a kind that `first` says.
func literal(_ name: String, _ value: String, first: UInt8 = 0) -> [UInt8] {
  [first] + string(name) + string(value)
}

func string(_ text: String) -> [UInt8] { integer(text.utf8.count, bits: 7) + Array(text.utf8) }

func integer(_ value: Int, bits: UInt8, pattern: UInt8 = 0) -> [UInt8] {
  let most = (1 << Int(bits)) - 1
  if value < most { return [pattern | UInt8(value)] }
  var bytes = [pattern | UInt8(most)]
  var rest = value - most
  while rest >= 128 {
    bytes.append(UInt8(rest & 0x7F) | 0x80)
    rest >>= 7
  }
  return bytes + [UInt8(rest)]
}

extension HPACKEncoder {
  /// A block of these fields.
  mutating func block(_ fields: [TextField]) -> [UInt8] {
    var output = ByteBuffer()
    self.beginBlock(to: &output)
    for field in fields {
      self.append(name: Array(field.name.utf8).span, value: Array(field.value.utf8).span, to: &output)
    }
    return output.takeBytes()
  }

  /// A block of lines of HTTP/1.
  mutating func block(lines: String) -> [UInt8] {
    var output = ByteBuffer()
    self.beginBlock(to: &output)
    self.appendFieldLines(Array(lines.utf8).span, to: &output)
    return output.takeBytes()
  }
}
