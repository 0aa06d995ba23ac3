// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonTLS

/// What contexts of both sides allow.
enum ContextRules {
  /// - Throws: which list names nothing that the library knows.
  static func apply(
    _ protocols: TLSProtocols, ciphers: String?, suites: String?, to handle: OpaquePointer
  ) throws(TLSError) {
    // Safety: the handle is the caller's, and texts are lent for their calls.
    guard unsafe gibbon_tls_context_protocols(handle, protocols.rawValue) == 1 else {
      throw TLSError(.setting, "no protocol version is allowed")
    }
    if let ciphers, unsafe gibbon_tls_context_ciphers(handle, ciphers) != 1 {
      throw TLSError(.setting, "the list of ciphers has none that is known: \(ciphers)")
    }
    if let suites, unsafe gibbon_tls_context_suites(handle, suites) != 1 {
      throw TLSError(.setting, "the list of TLS 1.3 cipher suites is not valid: \(suites)")
    }
  }
}
