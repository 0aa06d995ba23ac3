// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonPlugins

/// How what a client says of its signature is read.
@Suite struct SignatureParametersTests {
  private static func read(_ text: String) -> String {
    let bytes = Array(text.utf8)
    guard let found = SignatureParameters(bytes.span) else { return "none" }
    return [
      String(decoding: found.username, as: UTF8.self), found.algorithm, found.headers.joined(separator: "|"),
      String(decoding: found.signature, as: UTF8.self),
    ].joined(separator: " / ")
  }

  @Test(arguments: [
    (#"hmac username="u", algorithm="a", headers="h i", signature="s""#, "u / a / h|i / s"),
    (#"Hmac username="u",algorithm="a",headers="h",signature="s""#, "u / a / h / s"),
    ("hmacusername=\"u\",\t algorithm=\"a\",  headers=\"  h\", signature=\"s\"", "u / a / ||h / s"),
    (#"Basic x, hmac username="u", algorithm="a", headers="h", signature="s", more"#, "u / a / h / s"),
    // Values end at the last place where the rest still fits.
    (#"hmac username="u", x="y", algorithm="a", headers="h", signature="s""#, #"u", x="y / a / h / s"#),
    (#"hmac username="u", algorithm="a", algorithm="b", headers="h", signature="s""#, #"u", algorithm="a / b / h / s"#),
    (
      #"hmac username="u", algorithm="a", headers="h", headers="i", signature="s", signature="t""#,
      #"u / a", headers="h / i",|signature="s / t"#
    ),
    (#"hmac username="u", algorithm="a", headers="h", signature="s", x="y""#, #"u / a / h / s", x="y"#),
    (#"hmac username="u", algorithm="a", headers="h", signature="""#, "none"),
    (#"hmac username="u", algorithm="a", headers="h", signature=""""#, #"u / a / h / ""#),
    (#"hmac username="", algorithm="a", headers="h", signature="s""#, "none"),
    (#"hmac username="u", algorithm="", headers="h", signature="s""#, "none"),
    (#"hmac username="u", algorithm="a", headers="", signature="s""#, "none"),
    (#"hmac username="u", algorithm="a" headers="h", signature="s""#, "none"),
    (#"hmac username="u", algorithm="a", headers="h", signature="s"#, "none"),
    (#"HMAC username="u", algorithm="a", headers="h", signature="s""#, "none"),
    (#"username="u", algorithm="a", headers="h", signature="s""#, "none"),
    (#"hmac username = "u", algorithm="a", headers="h", signature="s""#, "none"),
    (#"hmac hmac username="u", algorithm="a", headers="h", signature="s""#, "u / a / h / s"),
    ("", "none"), ("\"", "none"), ("hmac", "none"), ("signature=\"s\"", "none"), (",signature=\"s\"", "none"),
  ]) func examples(text: String, expected: String) { #expect(Self.read(text) == expected) }

  /// Whatever is cut off or changed, there is an answer.
  @Test func brokenFieldsAreAnswered() {
    let text = Array(SignedRequest.absent.authorization.utf8)
    for start in text.indices {
      _ = SignatureParameters(text.span.extracting(start...))
      _ = SignatureParameters(text.span.extracting(..<start))
      for byte in [0, UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: " "), 0xFF] {
        var changed = text
        changed[start] = byte
        _ = SignatureParameters(changed.span)
      }
    }
  }

  /// A field as long as heads may be, made to be slow.
  @Test func longFieldsAreReadInOneGo() {
    let parts = #"", algorithm="", headers="", signature=""#
    _ = Self.read(#"hmac username="u"# + String(repeating: parts, count: 2000) + "\"")
    _ = Self.read(String(repeating: "hmac username=\"", count: 6000))
    _ = Self.read(String(repeating: "\",\t\t\t\t signature=\"", count: 6000))
  }
}
