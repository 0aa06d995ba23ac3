// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// One request each on a connection of its own.
extension GatewayProcess {
  /// Sends a request and reads the response.
  public func send(
    _ method: String, _ target: String, headers: [(String, String)] = [], body: String? = nil,
    seconds: Double = Deadline.defaultSeconds
  ) throws -> Response {
    let client = try RawClient(port: self.port)
    defer { client.close() }
    try client.request(method, target, headers: headers, body: body.map { Array($0.utf8) })
    return try client.response(to: method, seconds: seconds)
  }

  /// A GET.
  public func get(
    _ target: String = "/", headers: [(String, String)] = [], seconds: Double = Deadline.defaultSeconds
  ) throws -> Response {
    try self.send("GET", target, headers: headers, seconds: seconds)
  }

  /// Sends exactly these bytes and reads the response to them.
  public func raw(_ request: String, method: String = "GET") throws -> Response {
    let client = try RawClient(port: self.port)
    defer { client.close() }
    try client.send(request)
    return try client.response(to: method)
  }
}
