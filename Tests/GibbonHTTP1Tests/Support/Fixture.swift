// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonHTTP1

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// One case of a golden file:
///
///     == what it shows | limits, if not nginx's
///     input, whose line ends do not count; \r \n \t \0 \\ \xNN, and \*Nc for N times the character c
///     ---
///     the expected dump, line by line
struct Fixture: CustomStringConvertible, Sendable {
  var name: String
  var limits: HeadLimits
  var input: [UInt8]
  var expected: [String]

  var description: String { self.name }

  /// All cases of the files in `Fixtures/<folder>`.
  static func all(_ folder: String) -> [Fixture] {
    let base = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let path = "/\(base)/Fixtures/\(folder)"
    return Self.names(in: path).flatMap { file in
      Self.cases(of: Self.read("\(path)/\(file)"), file: file)
    }
  }

  static func cases(of text: String, file: String) -> [Fixture] {
    var fixtures: [Fixture] = []
    var isInput = true
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("== ") {
        let parts = line.dropFirst(3).split(separator: "|")
        let name = parts[0].reversed().drop { $0 == " " }.reversed()
        let limits = Self.limits(parts.count > 1 ? parts[1] : "")
        fixtures.append(Fixture(name: "\(file): \(String(name))", limits: limits, input: [], expected: []))
        isInput = true
      } else if fixtures.isEmpty {
        continue
      } else if line == "---" {
        isInput = false
      } else if isInput {
        fixtures[fixtures.count - 1].input += Self.unescape(line)
      } else if !line.isEmpty {
        fixtures[fixtures.count - 1].expected.append(String(line))
      }
    }
    return fixtures
  }

  private static func limits(_ text: Substring) -> HeadLimits {
    var limits = HeadLimits.nginx
    for setting in text.split(separator: " ") {
      let parts = setting.split(separator: "=")
      let value = Int(parts[1]) ?? 0
      switch parts[0] {
      case "line": limits.requestLineBytes = value
      case "target": limits.targetBytes = value
      case "field": limits.fieldLineBytes = value
      case "head": limits.headBytes = value
      case "fields": limits.fieldCount = value
      case "extension": limits.chunkExtensionBytes = value
      case "trailers": limits.trailerBytes = value
      default: break
      }
    }
    return limits
  }

  static func unescape(_ line: Substring) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = line.utf8
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let kind = rest.popFirst() else {
        bytes.append(byte)
        continue
      }
      switch kind {
      case UInt8(ascii: "r"): bytes.append(13)
      case UInt8(ascii: "n"): bytes.append(10)
      case UInt8(ascii: "t"): bytes.append(9)
      case UInt8(ascii: "0"): bytes.append(0)
      case UInt8(ascii: "x"):
        bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
        rest = rest.dropFirst(2)
      case UInt8(ascii: "*"):
        let digits = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }
        let count = Int(String(decoding: digits, as: UTF8.self)) ?? 0
        rest = rest.dropFirst(digits.count)
        if let repeated = rest.popFirst() { bytes += [UInt8](repeating: repeated, count: count) }
      default: bytes.append(kind)
      }
    }
    return bytes
  }

  private static func names(in path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
        String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasSuffix(".txt") { names.append(name) }
    }
    return names.sorted()
  }

  private static func read(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = fread(&block, 1, block.count, file)
      if count == 0 { break }
      bytes += block[0..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
