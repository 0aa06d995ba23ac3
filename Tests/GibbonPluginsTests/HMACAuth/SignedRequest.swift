// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Requests that were signed once for these tests, with Python's hmac and hashlib: by other code than the one that
/// verifies them. All are signed by `ann`.
struct SignedRequest: Sendable {
  let method: String
  let target: String
  let headers: [(String, String)]
  let authorization: String
  let body: String?

  static let secret = "not-a-real-secret"
  /// The time of a `FakeRequest`, to the second.
  static let date = "Tue, 14 Nov 2023 22:13:20 GMT"

  /// The date, with SHA-1.
  static let sha1 = SignedRequest(
    method: "GET", target: "/things?a=1&b=%20x",
    headers: [("Date", SignedRequest.date)],
    authorization: """
      hmac username="ann", algorithm="hmac-sha1", headers="date", \
      signature="d+LWSOusb1tvvlQszx3NewwnrBg="
      """,
    body: nil)
  /// The date, with SHA-256.
  static let sha256 = SignedRequest(
    method: "GET", target: "/things?a=1&b=%20x",
    headers: [("Date", SignedRequest.date)],
    authorization: """
      hmac username="ann", algorithm="hmac-sha256", headers="date", \
      signature="vzXoUyToeWyB6DGRN17yyJ1N3RMK/oqMFyxYJ2ipTjc="
      """,
    body: nil)
  /// The date, with SHA-384.
  static let sha384 = SignedRequest(
    method: "GET", target: "/things?a=1&b=%20x",
    headers: [("Date", SignedRequest.date)],
    authorization: """
      hmac username="ann", algorithm="hmac-sha384", headers="date", \
      signature="FsUlxCYwNLzO7Ow9EZWd2rIYNYHHM8nk6gecaMWIdJeSf91+HsTApCBaMxG4QOUP"
      """,
    body: nil)
  /// The date, with SHA-512.
  static let sha512 = SignedRequest(
    method: "GET", target: "/things?a=1&b=%20x",
    headers: [("Date", SignedRequest.date)],
    authorization: """
      hmac username="ann", algorithm="hmac-sha512", headers="date", \
      signature="bPX0IOdIjFsXIoTAIrbO/PwZBoG8lAmXt3QJSORI3M7mV/ZVwsdi4q384sFn4kTPJ2/IQ+gxs/s1IK/dVx1EIg=="
      """,
    body: nil)
  /// Date and target.
  static let target = SignedRequest(
    method: "GET", target: "/things?a=1&b=%20x",
    headers: [("Date", SignedRequest.date)],
    authorization: """
      hmac username="ann", algorithm="hmac-sha256", headers="date @request-target", \
      signature="+Skn6DrIIItRFDhwc2EkU/hRbWaJu12RNEoeNXwOtU8="
      """,
    body: nil)
  /// Date and request line.
  static let line = SignedRequest(
    method: "GET", target: "/things?a=1&b=%20x",
    headers: [("Date", SignedRequest.date)],
    authorization: """
      hmac username="ann", algorithm="hmac-sha256", headers="date request-line", \
      signature="UWXT8ysxncc0DpCcbT574FH81QYHcRo/4G92PGc3ZyU="
      """,
    body: nil)
  /// Without spaces between its parts.
  static let packed = SignedRequest(
    method: "GET", target: "/things?a=1&b=%20x",
    headers: [("Date", SignedRequest.date)],
    authorization: """
      hmac username="ann",algorithm="hmac-sha256",headers="date",\
      signature="vzXoUyToeWyB6DGRN17yyJ1N3RMK/oqMFyxYJ2ipTjc="
      """,
    body: nil)
  /// X-Date in place of Date.
  static let ownDate = SignedRequest(
    method: "GET", target: "/things?a=1&b=%20x",
    headers: [("X-Date", SignedRequest.date)],
    authorization: """
      hmac username="ann", algorithm="hmac-sha256", headers="x-date host", \
      signature="q62TpibPf3Tlabxn6gLOL46U/YX2jGQzJ/M6CZe+asY="
      """,
    body: nil)
  /// A header that is not there, and one that is.
  static let absent = SignedRequest(
    method: "GET", target: "/things?a=1&b=%20x",
    headers: [("Date", SignedRequest.date), ("X-One", "first")],
    authorization: """
      hmac username="ann", algorithm="hmac-sha256", headers="Date x-none x-one", \
      signature="XmtM3hMEV10X3K4YOAYnNGSh4iaNKG/r3qsUrfNkS6Y="
      """,
    body: nil)
  /// An old date that is signed, and a new one that is not.
  static let oldDate = SignedRequest(
    method: "GET", target: "/things?a=1&b=%20x",
    headers: [("Date", "Tue, 14 Nov 2000 22:13:20 GMT"), ("X-Date", SignedRequest.date)],
    authorization: """
      hmac username="ann", algorithm="hmac-sha256", headers="date", \
      signature="XYoP1ld8n/3x4jKKnLEuT6gngGsChdUJLq/IX2Drmgk="
      """,
    body: nil)
  /// The host only, beside a date.
  static let undated = SignedRequest(
    method: "GET", target: "/things?a=1&b=%20x",
    headers: [("Date", SignedRequest.date)],
    authorization: """
      hmac username="ann", algorithm="hmac-sha256", headers="host", \
      signature="OHH0Od4D0xayP3KyyjmYaQVlgy7IhrYlvc1aPmRGwNM="
      """,
    body: nil)
  /// A body, and a digest that is not signed.
  static let looseDigest = SignedRequest(
    method: "POST", target: "/things?a=1&b=%20x",
    headers: [("Date", SignedRequest.date), ("Digest", "SHA-256=AVq9f1zFei3ZS3WQ8ErYCEJzkF7jPsXOvq5iJ2qX+GI=")],
    authorization: """
      hmac username="ann", algorithm="hmac-sha256", headers="date", \
      signature="vzXoUyToeWyB6DGRN17yyJ1N3RMK/oqMFyxYJ2ipTjc="
      """,
    body: #"{"a":1}"#)
  /// A body and its digest.
  static let digest = SignedRequest(
    method: "POST", target: "/things?a=1&b=%20x",
    headers: [("Date", SignedRequest.date), ("Digest", "SHA-256=AVq9f1zFei3ZS3WQ8ErYCEJzkF7jPsXOvq5iJ2qX+GI=")],
    authorization: """
      hmac username="ann", algorithm="hmac-sha256", headers="date digest", \
      signature="ZE20Ehe9vFUwQyhEZlIg8iu84W267VrCF8i4aRU4bR0="
      """,
    body: #"{"a":1}"#)
  /// An empty body and its digest.
  static let emptyDigest = SignedRequest(
    method: "GET", target: "/things?a=1&b=%20x",
    headers: [("Date", SignedRequest.date), ("Digest", "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")],
    authorization: """
      hmac username="ann", algorithm="hmac-sha256", headers="date digest", \
      signature="YPT/noGxDdFeLxPOqaspCy5KoZAFNpfItnswba9vUI8="
      """,
    body: #""#)
  /// With an empty name.
  static let spaced = SignedRequest(
    method: "GET", target: "/things?a=1&b=%20x",
    headers: [("Date", SignedRequest.date)],
    authorization: """
      hmac username="ann", algorithm="hmac-sha256", headers="date  host", \
      signature="+tlEQt3kwdk4Vlz4wO6h7WFv/jXAb1iW9WyztC1QIbo="
      """,
    body: nil)
}
