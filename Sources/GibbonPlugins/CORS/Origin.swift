// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema

/// Where a page comes from, as browsers say in `Origin`, without the port that its scheme implies.
struct Origin: Equatable {
  /// `https://shop.example:8443`; the text itself when it has no host, as `null` has none.
  let domain: String
  let host: String

  init(_ text: String) {
    let url = URLParts(text)
    guard let host = url.host else {
      self.domain = text
      self.host = text
      return
    }
    let isUsualPort = (url.scheme == "http" && url.port == "80") || (url.scheme == "https" && url.port == "443")
    let port = isUsualPort ? nil : url.port
    let scheme = url.scheme.map { $0 + "://" } ?? ""
    self.domain = scheme + (host.contains(":") ? "[\(host)]" : host) + (port.map { ":" + $0 } ?? "")
    self.host = host
  }
}
