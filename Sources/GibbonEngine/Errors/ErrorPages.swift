// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// The forms an error can have.
public enum ErrorFormat: String, Sendable, CaseIterable {
  case json = "application/json"
  case html = "text/html"
  case xml = "application/xml"
  case plain = "text/plain"

  var contentType: String { "\(self.rawValue); charset=utf-8" }
}

/// The bodies of errors the gateway makes: a template for each format, with two places, message and
/// request id (`error_template_*`).
public struct ErrorPages: Sendable {
  private var templates: [ErrorFormat: [String]] = [
    .json: ErrorPages.parts("{\n  \"message\":\"%s\",\n  \"request_id\":\"%s\"\n}"),
    .plain: ErrorPages.parts("%s\nrequest_id: %s\n"),
    .html: ErrorPages.parts(
      """
      <!doctype html>
      <html>
        <head>
          <meta charset="utf-8">
          <title>Error</title>
        </head>
        <body>
          <h1>Error</h1>
          <p>%s.</p>
          <p>request_id: %s</p>
        </body>
      </html>

      """),
    .xml: ErrorPages.parts(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <error>
        <message>%s</message>
        <requestid>%s</requestid>
      </error>

      """),
  ]
  /// `error_default_type`: when neither Accept nor Content-Type says anything.
  public var defaultFormat = ErrorFormat.plain

  public init() {}

  /// Uses a template of the user's; `%s` stands twice in it, for the message and the request id.
  public mutating func setTemplate(_ text: String, for format: ErrorFormat) {
    self.templates[format] = ErrorPages.parts(text)
  }

  private static func parts(_ template: String) -> [String] {
    var parts: [String] = []
    var part = ""
    var rest = template[...]
    let percentSign = UInt8(ascii: "%")
    while let percent = rest.utf8.firstIndex(of: percentSign) {
      part += rest[..<percent]
      rest = rest[percent...].dropFirst()
      if rest.utf8.first == UInt8(ascii: "s"), parts.count < 2 {
        parts.append(part)
        part = ""
        rest = rest.dropFirst()
      } else {
        part += "%"
        if rest.utf8.first == percentSign { rest = rest.dropFirst() }
      }
    }
    return parts + [part + rest]
  }

  func body(_ format: ErrorFormat, message: String, requestID: String) -> String {
    let parts = self.templates[format] ?? []
    let message = ErrorPages.escape(message, for: format)
    var text = ""
    for (index, part) in parts.enumerated() {
      text += part
      if index + 1 < parts.count { text += index == 0 ? message : requestID }
    }
    return text
  }

  /// Byte by byte: a quote with an accent behind it is a quote for whoever reads the page.
  private static func escape(_ text: String, for format: ErrorFormat) -> String {
    var escaped: [UInt8] = []
    for byte in text.utf8 {
      switch (format, byte) {
      case (.json, UInt8(ascii: "\\")), (.json, UInt8(ascii: "\"")): escaped += [UInt8(ascii: "\\"), byte]
      case (.json, 0..<0x20): escaped += "\\u00".utf8 + [(byte >> 4).upperHexDigit, (byte & 15).upperHexDigit]
      case (.html, UInt8(ascii: "&")), (.xml, UInt8(ascii: "&")): escaped += "&amp;".utf8
      case (.html, UInt8(ascii: "<")), (.xml, UInt8(ascii: "<")): escaped += "&lt;".utf8
      case (.html, UInt8(ascii: ">")), (.xml, UInt8(ascii: ">")): escaped += "&gt;".utf8
      default: escaped.append(byte)
      }
    }
    return String(decoding: escaped, as: UTF8.self)
  }

  /// Ranges of an `Accept` that are looked at.
  private static let rangeLimit = 32

  /// The format an `Accept` (or `Content-Type`) value asks for: highest quality first, then order.
  static func format(accepting value: Span<UInt8>) -> ErrorFormat? {
    var best: (quality: Double, format: ErrorFormat)?
    let text = value.array.filter { $0 != .space }.map(\.asciiLowercased)
    for range in text.split(separator: UInt8(ascii: ",")).prefix(ErrorPages.rangeLimit) {
      let parts = range.split(separator: UInt8(ascii: ";"))
      guard let name = parts.first, let format = format(named: String(decoding: name, as: UTF8.self)) else { continue }
      var quality = 1.0
      for parameter in parts.dropFirst() where parameter.starts(with: "q=".utf8) {
        quality = Double(String(decoding: parameter.dropFirst(2), as: UTF8.self)) ?? 0
      }
      if quality > best?.quality ?? 0 { best = (quality, format) }
    }
    return best?.format
  }

  private static func format(named name: String) -> ErrorFormat? {
    switch name {
    case "application/json", "application/*", "*/*": .json
    case "text/html": .html
    case "application/xml": .xml
    case "text/plain", "text/*": .plain
    default: nil
    }
  }
}
