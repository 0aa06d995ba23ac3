// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Foundation
public import GibbonSchema
internal import X509

/// What is not wrong enough to refuse a certificate, and what clients will not like.
public enum CertificateWarnings {
  /// About a valid entity of the collection `certificates`; of other collections there are none.
  ///
  /// - Parameter now: Unix seconds.
  public static func about(_ entity: JSONObject, in collection: String, now: Double) -> [String] {
    guard collection == Certificate.collection else { return [] }
    let name = "certificate \(entity["id"]?.stringValue ?? "without an id")"
    return ["cert", "cert_alt"].flatMap { field -> [String] in
      guard let text = entity[field]?.stringValue, !text.isVaultReference else { return [] }
      return Self.about(CertificateText.chain(text), now: Date(timeIntervalSince1970: now))
        .map { "\(name): '\(field)': \($0)" }
    }
  }

  private static func about(_ chain: [X509.Certificate?], now: Date) -> [String] {
    var warnings: [String] = []
    for (index, certificate) in chain.enumerated() {
      let number = "certificate \(index + 1)"
      guard let certificate else {
        warnings.append("\(number) cannot be read as X.509")
        continue
      }
      if certificate.notValidAfter < now {
        warnings.append("\(number) expired at \(certificate.notValidAfter.ISO8601Format()); clients refuse it")
      } else if certificate.notValidBefore > now {
        warnings.append("\(number) is not valid before \(certificate.notValidBefore.ISO8601Format())")
      }
      guard index > 0, let signed = chain[index - 1], signed.issuer != certificate.subject else { continue }
      warnings.append(
        "\(number) is not the one that signed certificate \(index): the order is the certificate itself, then the one "
          + "that signed it, and so on")
    }
    return warnings
  }
}
