// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema

/// An answer made by the gateway instead of a service.
public struct LocalResponse: Sendable {
  public enum Body: Sendable {
    case none
    case bytes(ByteBuffer)
    /// A message in the form the client accepts (JSON, HTML, XML or text), with the request id.
    case negotiated(message: String)
  }

  public var status: UInt16
  public var headers: [(name: String, value: String)]
  public var body: Body
  /// Whether a service gave this answer once, and it is only repeated: the gateway's own headers then are those of a
  /// response that was proxied, and `Date` and `Server` the service's. Kong: `KONG_PROXIED`.
  public var repeatsService = false

  public init(status: UInt16, headers: [(name: String, value: String)] = [], body: Body = .none) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// What `kong.response.exit(status, table)` sends: compact JSON.
  public static func json(
    status: UInt16, _ value: JSONValue, headers: [(name: String, value: String)] = []
  ) -> LocalResponse {
    LocalResponse(
      status: status, headers: headers + [("Content-Type", "application/json; charset=utf-8")],
      body: .bytes(ByteBuffer(value.serialized())))
  }

  /// `{"message":"…"}`, the body most plugins answer with.
  public static func message(
    status: UInt16, _ message: String, headers: [(name: String, value: String)] = []
  ) -> LocalResponse {
    .json(status: status, .object(["message": .string(message)]), headers: headers)
  }

  /// What `kong.response.error` sends: negotiated by Accept.
  public static func error(
    status: UInt16, _ message: String, headers: [(name: String, value: String)] = []
  ) -> LocalResponse {
    LocalResponse(status: status, headers: headers, body: .negotiated(message: message))
  }
}
