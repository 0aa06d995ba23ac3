// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Versions of the protocol.
public struct TLSProtocols: OptionSet, Sendable, Hashable {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static let v1 = TLSProtocols(rawValue: 1)
  public static let v1_1 = TLSProtocols(rawValue: 2)
  public static let v1_2 = TLSProtocols(rawValue: 4)
  public static let v1_3 = TLSProtocols(rawValue: 8)

  /// What is in use since RFC 8996.
  public static let current: TLSProtocols = [.v1_2, .v1_3]

  static let legacy: TLSProtocols = [.v1, .v1_1]

  /// Names as nginx's `ssl_protocols` has them, separated by blanks; nil when one is unknown or there is none.
  /// `SSLv2` and `SSLv3`, which no library speaks any more, are passed over.
  public init?(_ text: String) {
    var found: TLSProtocols = []
    for word in text.utf8.split(separator: UInt8(ascii: " ")) {
      let name = String(Substring(word))
      switch name {
      case "TLSv1": found.insert(.v1)
      case "TLSv1.1": found.insert(.v1_1)
      case "TLSv1.2": found.insert(.v1_2)
      case "TLSv1.3": found.insert(.v1_3)
      case "SSLv2", "SSLv3": continue
      default: return nil
      }
    }
    if found.isEmpty { return nil }
    self = found
  }

  /// Names as nginx has them.
  public var text: String {
    let names: [(TLSProtocols, String)] = [
      (.v1, "TLSv1"), (.v1_1, "TLSv1.1"), (.v1_2, "TLSv1.2"), (.v1_3, "TLSv1.3"),
    ]
    return names.filter { self.contains($0.0) }.map(\.1).joined(separator: " ")
  }
}
