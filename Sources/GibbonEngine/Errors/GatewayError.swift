// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonHTTP1
internal import GibbonTLS

/// Something the gateway answers itself because a request cannot be served: with which status, in which
/// words, and whether another try is allowed. The one place where errors become responses.
struct GatewayError {
  let status: UInt16
  let message: String
  /// Another endpoint may be tried.
  var mayRetry = false
  /// The connection cannot be used for another request.
  var closes = false
  /// In Kong nginx itself answers: without `Accept` the request's Content-Type, then `error_default_type`,
  /// choose the form. Everything else is JSON then.
  var isServerLevel = false

  static let noRoute = GatewayError(status: 404, message: "no Route matched with those values")
  static let noService = GatewayError(
    status: 503, message: "no Service found with those values")
  static let noPeer = GatewayError(
    status: 503, message: "failure to get a peer from the ring-balancer")
  static let nameResolution = GatewayError(status: 503, message: "name resolution failed")
  static let unexpected = GatewayError(status: 500, message: "An unexpected error occurred")
  static let payloadTooLarge = GatewayError(
    status: 413, message: "Payload too large", closes: true, isServerLevel: true)
  /// More than a plugin lets pass, in the words of the one that does that.
  static let bodyLimitExceeded = GatewayError(status: 413, message: "Request size limit exceeded", closes: true)
  static let requestTimeout = GatewayError(
    status: 408, message: "Request timeout", closes: true, isServerLevel: true)
  static let invalidUpstreamResponse = GatewayError(
    status: 502, message: "An invalid response was received from the upstream server",
    mayRetry: true, isServerLevel: true)
  static let upstreamTimeout = GatewayError(
    status: 504, message: "The upstream server is timing out", mayRetry: true, isServerLevel: true)
  /// nginx's words for what it calls 497.
  static let plainHTTP = GatewayError(
    status: 400, message: "The plain HTTP request was sent to HTTPS port", closes: true, isServerLevel: true)
  /// nginx's words for what it calls 495 and 496.
  static func clientCertificate(_ refusal: TLSSession.ClientRefusal) -> GatewayError {
    let message =
      switch refusal {
      case .certificateError: "The SSL certificate error"
      case .noCertificate: "No required SSL certificate was sent"
      }
    return GatewayError(status: 400, message: message, closes: true, isServerLevel: true)
  }

  /// Well-formed, and refused for what it asks.
  static let badRequest = GatewayError(status: 400, message: "Bad request", isServerLevel: true)
  /// The request came through this gateway too often already (RFC 5842 section 7.2).
  static let loopDetected = GatewayError(status: 508, message: "Loop detected", isServerLevel: true)
  /// A head of HTTP/2 beyond a limit: nginx says 494 to itself and 400 to clients.
  static let headTooLarge = GatewayError(
    status: 400, message: "Request header or cookie too large", isServerLevel: true)
  static let methodNotAllowed = GatewayError(
    status: 405, message: "Method not allowed", isServerLevel: true)

  /// What Kong's error handler says where nginx answers, or a plugin did without a body. 494 is nginx's own for a head
  /// that is too large; clients see 400.
  static let serverMessages: [UInt16: String] = [
    400: "Bad request", 404: "Not found", 405: "Method not allowed", 408: "Request timeout", 411: "Length required",
    412: "Precondition failed", 413: "Payload too large", 414: "URI too long", 417: "Expectation failed",
    494: "Request header or cookie too large", 500: "An unexpected error occurred",
    502: "An invalid response was received from the upstream server",
    503: "The upstream server is currently unavailable", 504: "The upstream server is timing out",
  ]

  /// A head that could not be read.
  static func malformed(_ error: HeadError) -> GatewayError {
    let message = self.serverMessages[error.status] ?? "The upstream server responded with \(error.status)"
    let status = error.status == 494 ? 400 : error.status
    return GatewayError(status: status, message: message, closes: true, isServerLevel: true)
  }
}
