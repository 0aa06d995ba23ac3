// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The body of a request to the Admin API, with its media type.
public struct AdminBody: Sendable {
  let type: String?
  let bytes: [UInt8]?

  public static let none = AdminBody(type: nil, bytes: nil)

  public static func json(_ value: JSON) -> AdminBody { .text(value.text, type: "application/json") }

  /// JSON as it is written here, which may be none.
  public static func json(text: String) -> AdminBody { .text(text, type: "application/json") }

  public static func form(_ text: String) -> AdminBody { .text(text, type: "application/x-www-form-urlencoded") }

  public static func yaml(_ text: String) -> AdminBody { .text(text, type: "application/yaml") }

  /// - Parameter type: nil leaves the Content-Type out.
  public static func text(_ text: String, type: String?) -> AdminBody {
    AdminBody(type: type, bytes: Array(text.utf8))
  }

  /// One part for each field.
  public static func multipart(_ fields: [(String, String)]) -> AdminBody {
    let boundary = "gibbon-test-boundary"
    let parts = fields.map { name, value in
      "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
    }
    return .text(parts.joined() + "--\(boundary)--\r\n", type: "multipart/form-data; boundary=\(boundary)")
  }
}

/// An answer of the Admin API.
public struct AdminReply: Sendable, CustomStringConvertible {
  public let response: Response
  /// The body; `.missing` when it is no JSON.
  public let json: JSON

  init(_ response: Response) {
    self.response = response
    self.json = JSON(parsing: response.body)
  }

  public var status: Int { self.response.status }
  public var text: String { self.response.text }
  /// The id of the entity in the body, or an empty text.
  public var id: String { self.json["id"].string ?? "" }
  /// The list in the body.
  public var data: [JSON] { self.json["data"].array }
  /// The first value of a field of the head.
  public subscript(name: String) -> String? { self.response[name] }
  public var description: String { "\(self.response.head.startLine): \(self.text)" }
}
