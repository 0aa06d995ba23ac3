// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

extension ValueRule {
  /// Letters, digits, `. - _ ~`, and anything beyond ASCII.
  public static let utf8Name = ValueRule("utf8_name") { text in
    let isValid = text.utf8.allSatisfy {
      $0 >= 0x80 || $0.isASCIILetter || $0.isASCIIDigit || ".-_~".utf8.contains($0)
    }
    return isValid
      ? nil : "invalid value '\(text)': the only accepted ascii characters are alphanumerics or ., -, _, and ~"
  }

  /// Printable ASCII without `,` and `/`, and anything beyond ASCII.
  public static let tag = ValueRule("tag") { text in
    let isValid = text.utf8.allSatisfy {
      $0 >= 0x80 || (0x20...0x7E ~= $0 && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "/"))
    }
    return isValid
      ? nil : "invalid tag '\(text)': expected printable ascii (except `,` and `/`) or valid utf-8 sequences"
  }

  public static let headerName = ValueRule("header_name") { text in
    let isValid = text.utf8.allSatisfy {
      $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
    }
    return isValid
      ? nil : "bad header name '\(text)', allowed characters are A-Z, a-z, 0-9, '_', and '-'"
  }

  /// A token of RFC 2616.
  public static let cookieName = ValueRule("cookie_name") { text in
    let isValid = text.utf8.allSatisfy {
      0x21...0x7E ~= $0 && !"()<>@,;:\\\"/?={}[]".utf8.contains($0)
    }
    return isValid
      ? nil
      : "contains one or more invalid characters. ASCII control characters (0-31;127), space, tab and the "
        + "characters ()<>@,;:\\\"/?={}[] are not allowed."
  }

  /// One or more certificates in PEM. The structure only: what the base64 says is read when TLS loads it.
  public static let certificate = ValueRule("certificate") { text in
    PEMText.violation(of: text, labels: ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"])
      .map { "invalid certificate: \($0)" }
  }

  /// A private key in PEM. The structure only.
  public static let privateKey = ValueRule("key") { text in
    PEMText.violation(
      of: text, labels: ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"]
    ).map { "invalid key: \($0)" }
  }
}
