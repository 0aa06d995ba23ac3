// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

/// Where a page comes from, as browsers say in `Origin`, without the port that its scheme implies.
struct Origin: Equatable {
  /// `https://shop.example:8443`; the text itself when it has no host, as `null` has none.
  let domain: String
  let host: String

  private static let usualPorts = [(scheme: "http", port: "80"), (scheme: "https", port: "443")]

  init(_ text: String) {
    let url = URLParts(text)
    guard let host = url.host else {
      self.domain = text
      self.host = text
      return
    }
    let usual = Self.usualPorts.first { $0.scheme.isSame(as: url.scheme ?? "") }?.port
    let port = url.port.flatMap { $0.isSame(as: usual ?? "") ? nil : $0 }
    let scheme = url.scheme.map { $0 + "://" } ?? ""
    let isV6 = host.utf8.contains(UInt8(ascii: ":"))
    self.domain = scheme + (isV6 ? "[\(host)]" : host) + (port.map { ":" + $0 } ?? "")
    self.host = host
  }
}
