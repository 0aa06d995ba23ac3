// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema

@testable import GibbonProto

/// The types of a file of proto3 with this text.
func pool(_ text: String, importing files: [String: String] = [:]) throws(ProtoError) -> DescriptorPool {
  try ProtoLoader.load(Array("syntax = \"proto3\";\n\(text)".utf8), path: "test.proto") { path throws(ProtoError) in
    files[path].map { Array($0.utf8) }
  }
}

/// What is wrong with a file, or "fine".
func fault(_ text: String, importing files: [String: String] = [:]) -> String {
  do throws(ProtoError) {
    _ = try ProtoLoader.load(Array(text.utf8), path: "test.proto") { path throws(ProtoError) in
      files[path].map { Array($0.utf8) }
    }
    return "fine"
  } catch {
    return "\(error)"
  }
}

extension DescriptorPool {
  /// A message from JSON, in hexadecimal; or what is wrong with it.
  func encoded(_ name: String, _ json: String) -> String {
    do {
      guard let type = self.message(named: name) else { return "no such message" }
      let value = try JSONParser.parse(json).get()
      return MessageEncoder.encode(try JSONToMessage.convert(value, to: type, in: self), in: self).hexadecimal
    } catch {
      return "\(error)"
    }
  }

  /// A message from hexadecimal, as JSON; or what is wrong with it.
  func decoded(_ name: String, _ text: String) -> String { self.decoded(name, bytes(text)) }

  func decoded(_ name: String, _ bytes: [UInt8]) -> String {
    do {
      guard let type = self.message(named: name) else { return "no such message" }
      return try MessageToJSON.convert(MessageDecoder.decode(bytes, as: type, in: self), in: self).description
    } catch {
      return "\(error)"
    }
  }
}

extension [UInt8] {
  var hexadecimal: String {
    self.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0\(digits)" : digits
    }.joined()
  }
}

/// The bytes of hexadecimal digits; space does not count.
func bytes(_ hexadecimal: String) -> [UInt8] {
  let digits = hexadecimal.filter { $0 != " " }.compactMap { $0.hexDigitValue.map { UInt8($0) } }
  return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// Numbers that look random and are the same in each run.
struct Dice: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return self.state ^ (self.state >> 29)
  }
}
