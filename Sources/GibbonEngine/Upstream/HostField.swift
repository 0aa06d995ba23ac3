// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// The value of `Host` for a host and port: the one place where the two are put together.
enum HostField {
  /// `name`, `name:8080`, `[::1]:8080`; the port of plain HTTP is left out.
  static func value(host: String, port: UInt16) -> [UInt8] {
    var value: [UInt8] = []
    let isBare = host.utf8.first != UInt8(ascii: "[") && host.utf8.contains(UInt8(ascii: ":"))
    if isBare { value.append(UInt8(ascii: "[")) }
    value.append(contentsOf: host.utf8)
    if isBare { value.append(UInt8(ascii: "]")) }
    if port != 80 { value.append(contentsOf: ":\(port)".utf8) }
    return value
  }

  /// Whether `host[:port]` names a port.
  static func hasPort(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { return false }
    let isAddress = bytes.first != UInt8(ascii: "[") && bytes.firstIndex(of: UInt8(ascii: ":")) != colon
    return !isAddress && bytes[(colon + 1)...].allSatisfy(\.isASCIIDigit) && colon + 1 < bytes.count
  }
}
