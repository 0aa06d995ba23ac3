// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1

/// The pages nginx sends with statuses that came without a body. Kong's nginx leaves its name out of them.
enum StatusPage {
  /// Empty where nginx has none.
  static func html(_ status: UInt16) -> ByteBuffer {
    guard let title = self.title(status) else { return ByteBuffer() }
    return ByteBuffer(
      "<html>\r\n<head><title>\(status) \(title)</title></head>\r\n<body>\r\n"
        + "<center><h1>\(status) \(title)</h1></center>\r\n</body>\r\n</html>\r\n")
  }

  private static func title(_ status: UInt16) -> String? {
    switch status {
    // Where the page says something else than the status line.
    case 302: "Found"
    case 401: "Authorization Required"
    case 301, 303, 307, 308, 400, 402...406, 408...416, 421, 429, 500...505, 507:
      "\(HeadWriter.statusReason(status))"
    default: nil
    }
  }
}
