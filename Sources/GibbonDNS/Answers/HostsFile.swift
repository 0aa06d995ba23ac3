// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// The names of a hosts file (`hosts(5)`): an address, then names for it, a line each.
public struct HostsFile: Sendable {
  private var addresses: [String: [IPAddress]] = [:]

  /// Lines are bytes of a file on this machine; those without an address are passed over.
  public init(_ text: String) {
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      let words = line.prefix { $0 != UInt8(ascii: "#") }
        .split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
      guard let first = words.first, let address = IPAddress(String(Substring(first))) else { continue }
      for name in words.dropFirst() {
        let name = Self.folded(Substring(name))
        if self.addresses[name]?.contains(address) != true { self.addresses[name, default: []].append(address) }
      }
    }
  }

  /// In the order of the file.
  public subscript(name: String) -> [IPAddress] { self.addresses[Self.folded(name)] ?? [] }

  /// Lower case, without the dot of a fully qualified name.
  private static func folded(_ name: some StringProtocol) -> String {
    var bytes = name.utf8.map(\.asciiLowercased)
    if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
