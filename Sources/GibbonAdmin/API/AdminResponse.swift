// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema
internal import GibbonStore

/// The answer to one request.
public struct AdminResponse: Sendable {
  public var status: Int
  /// Besides what every answer has.
  public var headers: [(name: String, value: String)]
  public var contentType: String?
  public var body: [UInt8]

  static let jsonType = "application/json; charset=utf-8"

  init(status: Int, headers: [(name: String, value: String)] = []) {
    self.status = status
    self.headers = headers
    self.contentType = nil
    self.body = []
  }

  init(status: Int = 200, _ value: JSONValue, headers: [(name: String, value: String)] = []) {
    self.status = status
    self.headers = headers
    self.contentType = Self.jsonType
    self.body = value.serialized()
  }

  static func json(_ object: JSONObject, status: Int = 200) -> AdminResponse {
    AdminResponse(status: status, .object(object))
  }

  static func message(_ text: String, status: Int = 200) -> AdminResponse {
    AdminResponse(status: status, ["message": .string(text)])
  }

  static let noContent = AdminResponse(status: 204)
}

/// A failure that is a status and a message.
struct AdminError: Error, Sendable {
  let response: AdminResponse

  init(_ status: Int, _ message: String?) {
    self.response = message.map { .message($0, status: status) } ?? AdminResponse(status: status)
  }

  init(_ response: AdminResponse) { self.response = response }

  static let notFound = AdminError(404, "Not found")
  static let notAllowed = AdminError(405, "Method not allowed")
}

extension AdminResponse {
  /// The answer to a refusal of the entities' layer.
  init(_ error: DataError) {
    // What went wrong inside is for the log.
    if error.code == .databaseError {
      self = .message("An unexpected error occurred", status: 500)
      return
    }
    self = .json(error.json, status: Self.status(error.code))
  }

  private static func status(_ code: DataError.Code) -> Int {
    switch code {
    case .uniqueViolation: 409
    case .notFound: 404
    case .operationUnsupported: 405
    case .unavailable: 503
    case .databaseError: 500
    default: 400
    }
  }
}
