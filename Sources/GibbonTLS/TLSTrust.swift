// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonTLS

/// Certificate authorities that are trusted. Make it once for what has the same ones: contexts share it.
// Safety: nothing is added after the initializer; OpenSSL locks the store and counts its references atomically.
@safe
public final class TLSTrust: @unchecked Sendable {
  /// Where Debian and its kin keep the authorities of the system.
  public static let systemFile = "/etc/ssl/certs/ca-certificates.crt"

  let handle: OpaquePointer

  /// - Parameters:
  ///   - certificates: texts with one certificate or several, as PEM or DER.
  ///   - files: paths of PEM files.
  public init(certificates: [[UInt8]] = [], files: [String] = [], system: Bool = false) throws(TLSError) {
    guard let handle = unsafe gibbon_tls_trust_new() else { throw TLSError(.system, "out of memory") }
    do throws(TLSError) {
      for (index, text) in certificates.enumerated() {
        // Safety: the C side reads the text within the call.
        let count = unsafe CBytes.lend(text) { unsafe gibbon_tls_trust_add(handle, $0, $1) }
        if count < 0 { throw TLSError(.brokenCertificate, "a certificate in the text cannot be read", pair: index) }
        if count == 0 { throw TLSError(.noCertificate, "there is no certificate in the text", pair: index) }
      }
      for file in system ? files + [Self.systemFile] : files {
        // Safety: the path is lent for the call.
        guard unsafe gibbon_tls_trust_add_file(handle, file) == 1 else {
          throw TLSError(.noCertificate, "no certificates could be read from \(file)")
        }
      }
    } catch {
      // Safety: nobody else has it.
      unsafe gibbon_tls_trust_free(handle)
      throw error
    }
    unsafe self.handle = unsafe handle
  }

  deinit {
    // Safety: this object is the only owner; contexts hold references to the store.
    unsafe gibbon_tls_trust_free(self.handle)
  }
}
