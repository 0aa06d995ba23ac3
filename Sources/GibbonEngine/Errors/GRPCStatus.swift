// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// What a gRPC client is told of an answer that the gateway makes: a code of gRPC in place of a status of HTTP, as Kong
/// maps them.
enum GRPCStatus {
  /// The code for a status of HTTP.
  static func code(_ status: UInt16) -> Int {
    switch status {
    case 401: 16
    case 403: 7
    case 404: 5
    case 409: 6
    case 429: 8
    case 499: 1
    case 501: 12
    case 503: 14
    case 504: 4
    case 200...299: 0
    case 400...498: 3
    case 500...599: 13
    default: 2
    }
  }

  /// What is said of a code where nobody has words for it.
  static func message(_ code: Int) -> String {
    self.messages.indices.contains(code) ? self.messages[code] : "Unknown"
  }

  private static let messages = [
    "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied",
    "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable",
    "DataLoss", "Unauthenticated",
  ]
}
