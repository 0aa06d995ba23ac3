// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// A URL whose path and query are a request's.
struct Destination: Sendable {
  /// Up to the path, in the normal form of the WHATWG URL standard: scheme and host in lower case, without the port
  /// that the scheme implies.
  private let origin: String
  /// With its `#`.
  private let fragment: String

  init(_ location: String) {
    let bytes = Array(location.utf8)
    let mark = bytes.firstIndex(of: UInt8(ascii: "#")) ?? bytes.endIndex
    self.fragment = String(decoding: bytes[mark...], as: UTF8.self)
    var authority = 0
    if let slash = bytes[..<mark].firstIndex(of: UInt8(ascii: "/")), bytes[slash..<mark].starts(with: "//".utf8) {
      authority = slash + 2
    }
    let end = bytes[authority..<mark].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? mark
    let scheme = bytes[..<authority].map(\.asciiLowercased)
    let host = bytes[authority..<end].lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 } ?? authority
    var name = bytes[host..<end].map(\.asciiLowercased)
    for (usual, port) in [("http://", ":80"), ("https://", ":443")]
    where scheme.elementsEqual(usual.utf8) && name.suffix(port.utf8.count).elementsEqual(port.utf8) {
      name.removeLast(port.utf8.count)
    }
    self.origin = String(decoding: scheme + bytes[authority..<host] + name, as: UTF8.self)
  }

  func location(path: String, query: String) -> String {
    var output = Array(self.origin.utf8)
    output.reserveCapacity(output.count + path.utf8.count + query.utf8.count + self.fragment.utf8.count + 16)
    Self.append(path, escaping: Self.notInPaths, to: &output)
    if !query.isEmpty {
      output.append(UInt8(ascii: "?"))
      Self.append(query, escaping: Self.notInQueries, to: &output)
    }
    output.append(contentsOf: self.fragment.utf8)
    return String(decoding: output, as: UTF8.self)
  }

  /// The path and the special-query percent-encode sets, as far as they are printable ASCII.
  private static let notInPaths = Array("\"#<>?\\^`{}".utf8)
  private static let notInQueries = Array("\"#<>'".utf8)

  /// Escapes what may not stand there, and with it what would end the header. Escapes that are there stay.
  private static func append(_ text: String, escaping others: [UInt8], to output: inout [UInt8]) {
    for byte in text.utf8 {
      guard byte <= 0x20 || byte > 0x7E || others.contains(byte) else {
        output.append(byte)
        continue
      }
      output += byte.percentEscape
    }
  }
}
