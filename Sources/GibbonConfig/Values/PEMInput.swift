// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Certificates and keys as properties name them: the PEM text itself, that text in base64, or the path of a file.
enum PEMInput: Hashable {
  case text(String)
  case path(String)
  /// It starts as a text in base64 does, and is none.
  case brokenBase64

  init(_ given: String) {
    let bytes = Array(given.utf8)
    if bytes.starts(with: Self.dashes) {
      self = .text(bytes.contains(UInt8(ascii: "\n")) ? given : Self.withLines(bytes))
      return
    }
    // What "-----" is in base64.
    guard bytes.starts(with: "LS0tLS".utf8) else {
      self = .path(given)
      return
    }
    let digits = bytes.filter { $0 > UInt8(ascii: " ") }
    let decoded = Base64.standard.decoded(digits[...]).flatMap { String(validating: $0, as: UTF8.self) }
    self = decoded.map { .text($0) } ?? .brokenBase64
  }

  private static let dashes = Array("-----".utf8)

  /// A text whose lines were joined, as a line of a configuration file or of a list of variables must have it: `\n`, a
  /// space or nothing stands where they ended.
  private static func withLines(_ bytes: [UInt8]) -> String {
    var output: [UInt8] = []
    var rest = bytes[...]
    func endLine() { if output.last != nil, output.last != UInt8(ascii: "\n") { output.append(UInt8(ascii: "\n")) } }
    while let byte = rest.first {
      if rest.starts(with: Self.dashes) {
        endLine()
        // A boundary's own spaces stay.
        let label = rest.dropFirst(5).prefix { $0 != UInt8(ascii: "-") }
        output += Self.dashes + label + Self.dashes
        endLine()
        rest = rest.dropFirst(5 + label.count).drop { $0 == UInt8(ascii: "-") }
      } else if rest.starts(with: "\\n".utf8) {
        endLine()
        rest = rest.dropFirst(2)
      } else {
        if byte <= UInt8(ascii: " ") { endLine() } else { output.append(byte) }
        rest = rest.dropFirst()
      }
    }
    return String(decoding: output, as: UTF8.self)
  }
}
