// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Requests to the Admin and Status APIs, each on a connection of its own.
extension GatewayProcess {
  public func admin(
    _ method: String, _ target: String, _ body: AdminBody = .none, headers: [(String, String)] = []
  ) throws -> AdminReply {
    try self.exchange(method, target, body, headers: headers, port: self.adminPort)
  }

  public func statusAPI(
    _ method: String, _ target: String, _ body: AdminBody = .none, headers: [(String, String)] = []
  ) throws -> AdminReply {
    try self.exchange(method, target, body, headers: headers, port: self.statusPort)
  }

  /// Makes an entity that the test needs.
  ///
  /// - Throws: `.failed` with the answer when it is not made.
  @discardableResult
  public func create(_ target: String, _ entity: JSON) throws -> AdminReply {
    let reply = try self.admin("POST", target, .json(entity))
    guard reply.status == 201 else { throw HarnessError(.failed, "POST \(target) \(entity): \(reply)") }
    return reply
  }

  private func exchange(
    _ method: String, _ target: String, _ body: AdminBody, headers: [(String, String)], port: Int
  ) throws -> AdminReply {
    let client = try RawClient(port: port)
    defer { client.close() }
    let type = body.type.map { [("Content-Type", $0)] } ?? []
    let host = headers.contains { $0.0.lowercased() == "host" } ? [] : [("Host", "127.0.0.1:\(port)")]
    try client.request(method, target, headers: host + type + headers, body: body.bytes)
    return AdminReply(try client.response(to: method))
  }
}
