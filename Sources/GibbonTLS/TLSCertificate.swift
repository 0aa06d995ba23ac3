// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonTLS

/// A certificate of X.509, read only.
// Safety: OpenSSL's X509 is counted atomically and not written here after it was read; what it caches inside, it locks.
@safe
public final class TLSCertificate: @unchecked Sendable {
  let handle: OpaquePointer

  /// Takes the ownership.
  init(handle: OpaquePointer) { unsafe self.handle = unsafe handle }

  deinit {
    // Safety: this object owns one reference.
    unsafe gibbon_tls_certificate_free(self.handle)
  }

  /// The first certificate of a PEM text, or one in DER.
  public convenience init(_ text: [UInt8]) throws(TLSError) {
    // Safety: the C side reads `count` bytes within the call.
    let handle = unsafe CBytes.lend(text) { unsafe gibbon_tls_certificate_new($0, $1) }
    guard let handle = unsafe handle else { throw TLSError(.brokenCertificate, "the text is not a certificate") }
    unsafe self.init(handle: handle)
  }

  // Safety: of all below: the handle lives as long as this object, and the results are copies.

  public var der: [UInt8] { unsafe CBytes.take(gibbon_tls_certificate_der(self.handle)) }
  public var pem: String { unsafe CBytes.text(gibbon_tls_certificate_pem(self.handle)) }

  /// RFC 2253, as nginx's `$ssl_client_s_dn`.
  public var subject: String { unsafe CBytes.text(gibbon_tls_certificate_subject(self.handle)) }
  public var issuer: String { unsafe CBytes.text(gibbon_tls_certificate_issuer(self.handle)) }

  /// Hex in upper case, as nginx's `$ssl_client_serial`.
  public var serial: String { unsafe CBytes.text(gibbon_tls_certificate_serial(self.handle)) }

  /// SHA-1 in hex in lower case, as nginx's `$ssl_client_fingerprint`.
  public var fingerprint: String {
    var digest = [UInt8](repeating: 0, count: 20)
    // Safety: the C side writes 20 bytes, which is what the array has.
    _ = unsafe digest.withUnsafeMutableBufferPointer {
      unsafe gibbon_tls_certificate_sha1(self.handle, $0.baseAddress)
    }
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// As nginx's `$ssl_client_v_start`: `Dec  1 04:40:38 2026 GMT`.
  public var validFromText: String { unsafe CBytes.text(gibbon_tls_certificate_time(self.handle, 0)) }
  public var validToText: String { unsafe CBytes.text(gibbon_tls_certificate_time(self.handle, 1)) }

  /// Seconds since 1970.
  public var validFrom: Int64 { unsafe gibbon_tls_certificate_seconds(self.handle, 0) }
  public var validTo: Int64 { unsafe gibbon_tls_certificate_seconds(self.handle, 1) }

  /// Whole days, as nginx's `$ssl_client_v_remain`; 0 when it is over.
  public func remainingDays(now: Int64) -> Int64 {
    let end = self.validTo
    return end > now ? (end - now) / 86_400 : 0
  }

  public var commonName: String? {
    let name = unsafe CBytes.text(gibbon_tls_certificate_common_name(self.handle))
    return name.isEmpty ? nil : name
  }

  /// DNS names and addresses of subjectAltName.
  public var alternativeNames: [String] {
    let count = unsafe gibbon_tls_certificate_name_count(self.handle)
    return (0..<count).map { unsafe CBytes.text(gibbon_tls_certificate_name(self.handle, $0)) }.filter { !$0.isEmpty }
  }

  /// `RSA`, `EC`, `ED25519` and so on.
  public var keyType: String { unsafe CBytes.text(gibbon_tls_certificate_key_type(self.handle)) }
}
