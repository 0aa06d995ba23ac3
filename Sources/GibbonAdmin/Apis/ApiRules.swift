// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

/// What Kong's first versions said of bad values. What passes here must still pass today's schemas.
enum ApiRules {
  private static let retries = 0...32767
  private static let milliseconds = 1...2_147_483_647

  /// - Parameter value: of the field's type, not null.
  static func fault(_ name: String, _ value: JSONValue) -> String? {
    let text = value.stringValue ?? ""
    switch name {
    case "name":
      return Self.isName(text) ? nil : "name must only contain alphanumeric and '., -, _, ~' characters"
    case "upstream_url": return Self.urlFault(text)
    case "request_host": return text.isEmpty ? nil : Self.hostFault(text).map { Self.oldHostFault($0, text) }
    case "request_path": return text.isEmpty ? nil : Self.requestPathFault(text)
    case "hosts": return Self.first(value, "host", Self.hostFault)
    case "uris": return Self.first(value, "uri", Self.uriFault)
    case "methods": return Self.first(value, "method", Self.methodFault)
    case "retries": return Self.rangeFault(value, Self.retries)
    case "upstream_connect_timeout", "upstream_send_timeout", "upstream_read_timeout":
      return Self.rangeFault(value, Self.milliseconds)
    default: return nil
    }
  }

  private static func rangeFault(_ value: JSONValue, _ range: ClosedRange<Int>) -> String? {
    if let number = value.intValue, range.contains(number) { return nil }
    return "must be an integer between \(range.lowerBound) and \(range.upperBound)"
  }

  private static func first(_ list: JSONValue, _ kind: String, _ fault: (String) -> String?) -> String? {
    for value in list.arrayValue ?? [] {
      guard let text = value.stringValue else {
        return "\(kind) with value '\(value.description)' is invalid: must be a string"
      }
      let reason = text.isEmpty ? "\(kind) is empty" : fault(text)
      if let reason { return "\(kind) with value '\(text)' is invalid: \(reason)" }
    }
    return nil
  }

  // MARK: Names and URLs

  static func isNameByte(_ byte: UInt8) -> Bool {
    byte.isASCIILetter || byte.isASCIIDigit || "._~-".utf8.contains(byte)
  }

  private static func isName(_ text: String) -> Bool { text.utf8.allSatisfy(Self.isNameByte) }

  private static func urlFault(_ text: String) -> String? {
    if text.isEmpty { return "upstream_url is required" }
    let url = URLParts(text)
    guard let scheme = url.scheme, url.host != nil else { return "upstream_url is not a url" }
    return scheme == "http" || scheme == "https" ? nil : "Supported protocols are HTTP and HTTPS"
  }

  // MARK: Hosts

  private static func hostFault(_ text: String) -> String? {
    let stars = text.utf8.count { $0 == UInt8(ascii: "*") }
    if stars > 1 { return "Only one wildcard is allowed" }
    if stars == 1, !text.hasPrefix("*."), !text.hasSuffix(".*") { return "Invalid wildcard placement" }
    let name = text.split(separator: "*", omittingEmptySubsequences: false).joined(separator: "abc")
    guard case .success(let address) = HostAddress.parse(name), address.port == nil else { return "Invalid hostname" }
    return nil
  }

  private static func oldHostFault(_ reason: String, _ text: String) -> String {
    reason == "Invalid hostname" ? "Invalid value: \(text)" : "\(reason): \(text)"
  }

  // MARK: Paths

  /// Whether it has only the characters of plain paths. Other uris were regular expressions.
  static func isPlainPath(_ text: String) -> Bool {
    text.utf8.allSatisfy { Self.isNameByte($0) || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "%") }
  }

  private static func uriFault(_ text: String) -> String? {
    guard text.hasPrefix("/") else { return "must be prefixed with slash" }
    if text.contains("//") { return "invalid" }
    return Self.isPlainPath(text) ? Self.encodingFault(text) : nil
  }

  private static func requestPathFault(_ text: String) -> String? {
    guard text.hasPrefix("/") else { return "must be prefixed with slash: '\(text)'" }
    if text.contains("//") { return "invalid: '\(text)'" }
    guard Self.isPlainPath(text) else {
      return "must only contain alphanumeric and '., -, _, ~, /, %' characters"
    }
    return Self.encodingFault(text)
  }

  private static func encodingFault(_ text: String) -> String? {
    let parts = text.split(separator: "%", omittingEmptySubsequences: false).dropFirst()
    for part in parts {
      let digits = part.utf8.prefix(2)
      guard digits.count == 2, digits.allSatisfy({ $0.hexDigitValue != nil }) else {
        return "must use proper encoding; '%\(part.prefix(2))' is invalid"
      }
    }
    return nil
  }

  private static func methodFault(_ text: String) -> String? {
    text.utf8.allSatisfy { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 } ? nil : "invalid value"
  }
}
