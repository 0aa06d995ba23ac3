// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonTLS

/// Bytes that come from the C side, which gives them away.
enum CBytes {
  /// Copies and frees.
  static func take(_ bytes: gibbon_tls_bytes) -> [UInt8] {
    guard let start = unsafe bytes.bytes else { return [] }
    // Safety: the C side allocated `count` bytes, and nobody else has them; they are freed after the copy.
    let copy = unsafe Array(UnsafeBufferPointer(start: start, count: bytes.count))
    unsafe gibbon_tls_bytes_free(bytes)
    return copy
  }

  /// What is not UTF-8 becomes U+FFFD.
  static func text(_ bytes: gibbon_tls_bytes) -> String {
    // Safety: as in `take`, to which the ownership goes.
    String(decoding: unsafe Self.take(bytes), as: UTF8.self)
  }

  /// Calls with the bytes and their count; with nil for none.
  static func lend<Result>(_ bytes: [UInt8], _ body: (UnsafePointer<UInt8>?, Int) -> Result) -> Result {
    // Safety: the pointer is used within the call, with its own count.
    unsafe bytes.withUnsafeBufferPointer { unsafe body($0.baseAddress, $0.count) }
  }
}
