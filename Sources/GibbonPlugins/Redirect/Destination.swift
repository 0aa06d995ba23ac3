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
    let mark = location.firstIndex(of: "#") ?? location.endIndex
    self.fragment = String(location[mark...])
    var authority = location.startIndex
    if let slashes = location[..<mark].firstIndex(of: "/"), location[slashes...].hasPrefix("//") {
      authority = location.index(slashes, offsetBy: 2)
    }
    let end = location[authority..<mark].firstIndex { $0 == "/" || $0 == "?" } ?? mark
    let scheme = location[..<authority].lowercased()
    let host = location[authority..<end].lastIndex(of: "@").map { location.index(after: $0) } ?? authority
    var name = location[host..<end].lowercased()
    for (usual, port) in [("http://", ":80"), ("https://", ":443")] where scheme == usual && name.hasSuffix(port) {
      name.removeLast(port.utf8.count)
    }
    self.origin = scheme + location[authority..<host] + name
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
  private static let notInPaths = Array("\"#<>?^`{}".utf8)
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
