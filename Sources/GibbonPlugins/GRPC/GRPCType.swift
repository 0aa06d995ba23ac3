// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Media types of gRPC.
enum GRPCType {
  /// Whether the type is `application/grpc`, or one with a suffix or parameters; not that of gRPC-Web.
  static func isGRPC(_ contentType: String?) -> Bool {
    guard let essence = contentType.map({ Self.essence($0) }) else { return false }
    return essence.isSame(as: "application/grpc") || essence.starts(withBytesOf: "application/grpc+")
  }

  /// The type without parameters, in lower case.
  static func essence(_ contentType: String) -> String {
    let text = contentType.utf8.prefix { $0 != UInt8(ascii: ";") }
    let start = text.drop { $0 == .space || $0 == .tab }
    let bytes = start.reversed().drop { $0 == .space || $0 == .tab }.reversed()
    return String(decoding: bytes.map(\.asciiLowercased), as: UTF8.self)
  }
}
