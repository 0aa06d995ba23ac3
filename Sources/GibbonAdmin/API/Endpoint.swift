// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema

/// One path of the API with what may be done there: the routing, `/endpoints`, OPTIONS and the OpenAPI document all
/// come from these values.
struct Endpoint: Sendable {
  /// With `:name` for parameters, such as `/services/:services`.
  let path: String
  /// What kind of thing it is about, for the OpenAPI document.
  let group: String
  let operations: [Operation]

  init(_ path: String, group: String, _ operations: [Operation]) {
    self.path = path
    self.group = group
    self.operations = operations
  }

  /// The parameters' names in the path's order.
  var parameters: [String] {
    self.path.split(separator: "/").filter { $0.hasPrefix(":") }.map { String($0.dropFirst()) }
  }
}

/// One method of an endpoint.
struct Operation: Sendable {
  typealias Handler = @Sendable (AdminRequest) async throws -> AdminResponse

  let method: String
  let summary: String
  let input: Shape
  let output: Shape
  /// Of success.
  let status: Int
  let handle: Handler

  /// What a body holds.
  enum Shape: Sendable {
    case none
    case message
    case entity(EntitySchema)
    case page(of: EntitySchema)
    /// Described by a JSON schema.
    case value(JSONObject)
    case text(String)
  }

  init(
    _ method: String, _ summary: String, input: Shape = .none, output: Shape = .none, status: Int = 200,
    _ handle: @escaping Handler
  ) {
    self.method = method
    self.summary = summary
    self.input = input
    self.output = output
    self.status = status
    self.handle = handle
  }

  /// A method that is never allowed, at a path where its absence would be a surprise.
  static func refused(_ method: String, _ error: AdminError) -> Operation {
    Operation(method, "Always refused", output: .message, status: error.response.status) { _ in throw error }
  }

  var isRefusal: Bool { self.status >= 400 }
}
