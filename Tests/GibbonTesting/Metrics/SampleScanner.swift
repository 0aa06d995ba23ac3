// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Reads a line such as `name{label="value"} 12`.
struct SampleScanner {
  private let bytes: [UInt8]
  private var index = 0

  init(_ line: Substring) { self.bytes = Array(line.utf8) }

  mutating func sample() throws(Malformed) -> Exposition.Sample {
    let name = self.take { $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: " ") }
    guard Self.isName(name) else { throw "no name of a metric" }
    let labels = self.skip("{") ? try self.labels() : []
    guard self.skip(" ") else { throw "no space before the value" }
    let text = self.take { _ in true }
    guard let value = Self.number(text) else { throw "no value" }
    return Exposition.Sample(name: name, labels: labels, value: value)
  }

  /// After the opening brace.
  private mutating func labels() throws(Malformed) -> [(name: String, value: String)] {
    var labels: [(name: String, value: String)] = []
    repeat {
      let name = self.take { $0 != UInt8(ascii: "=") }
      guard Self.isName(name), !name.contains(":") else { throw "no name of a label" }
      guard !labels.contains(where: { $0.name == name }) else { throw "a label twice" }
      guard self.skip("="), self.skip("\"") else { throw "no value of a label" }
      labels.append((name, try self.labelValue()))
    } while self.skip(",")
    guard self.skip("}") else { throw "labels without end" }
    return labels
  }

  private mutating func labelValue() throws(Malformed) -> String {
    var value: [UInt8] = []
    while self.index < self.bytes.count {
      let byte = self.bytes[self.index]
      self.index += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: value, as: UTF8.self) else { throw "a value that is not UTF-8" }
        return text
      case UInt8(ascii: "\\"):
        if self.skip("\\") {
          value.append(byte)
        } else if self.skip("\"") {
          value.append(UInt8(ascii: "\""))
        } else if self.skip("n") {
          value.append(UInt8(ascii: "\n"))
        } else {
          throw "an unknown escape"
        }
      default: value.append(byte)
      }
    }
    throw "a value without end"
  }

  private mutating func take(while isTaken: (UInt8) -> Bool) -> String {
    let start = self.index
    while self.index < self.bytes.count, isTaken(self.bytes[self.index]) { self.index += 1 }
    return String(decoding: self.bytes[start..<self.index], as: UTF8.self)
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard self.index < self.bytes.count, UInt32(self.bytes[self.index]) == character.value else { return false }
    self.index += 1
    return true
  }

  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: ":"):
        true
      default: false
      }
    }
  }

  static func number(_ text: String) -> Double? {
    switch text {
    case "+Inf": .infinity
    case "-Inf": -.infinity
    case "NaN": .nan
    default:
      text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) } ? Double(text) : nil
    }
  }
}
