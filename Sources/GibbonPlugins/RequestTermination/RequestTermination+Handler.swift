// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
public import GibbonPluginAPI
internal import GibbonSchema
internal import Glibc

/// `request-termination`: answers every request, or those that carry a trigger, itself.
public final class RequestTerminationPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var statusCode: Int
    var message: String?
    var contentType: String?
    var body: String?
    var echo: Bool
    var trigger: String?
  }

  private let configuration: Configuration
  private let status: UInt16
  private let nodeID: EntityID

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.configuration = configuration
    self.status = UInt16(clamping: configuration.statusCode)
    self.nodeID = environment.nodeID
  }

  public var wantsRequestBody: Bool { self.configuration.echo }

  public func access(_ context: RequestContext) throws -> PhaseAction {
    if let trigger = self.configuration.trigger {
      let isTriggered =
        context.request.header(trigger) != nil || !context.request.queryArguments(trigger).isEmpty
      if !isTriggered { return .next }
    }
    if self.configuration.echo { return .respond(.json(status: self.status, self.echo(context))) }
    if let body = self.configuration.body {
      let type = self.configuration.contentType ?? "application/json; charset=utf-8"
      return .respond(
        LocalResponse(status: self.status, headers: [("Content-Type", type)], body: .bytes(ByteBuffer(body))))
    }
    guard let message = self.configuration.message ?? Self.usualMessages[self.status] else {
      return .respond(LocalResponse(status: self.status))
    }
    return .respond(.message(status: self.status, message))
  }

  private static let hostname: String = {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, 255) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }()

  private static let usualMessages: [UInt16: String] = [
    401: "Unauthorized", 404: "Not found", 405: "Method not allowed", 500: "An unexpected error occurred",
    502: "Bad Gateway", 503: "Service unavailable",
  ]

  /// What the gateway made of the request, for people who debug.
  private func echo(_ context: RequestContext) -> JSONValue {
    let request = context.request
    var headers = JSONObject()
    for header in request.allHeaders { headers[header.name.lowercased()] = .string(header.value) }
    var query = JSONObject()
    for pair in QueryString.pairs(request.rawQuery) { query[pair.name] = .string(pair.value) }
    let body = request.body?.string ?? ""
    var answer: JSONObject = [
      "kong": [
        "node_id": .string("\(self.nodeID)"), "worker_pid": .int(Int64(getpid())),
        "hostname": .string(Self.hostname),
      ],
      "request": [
        "scheme": .string(request.scheme.rawValue), "host": .string(request.host), "port": .int(Int64(request.port)),
        "headers": .object(headers), "query": .object(query), "body": .string(body), "raw_body": .string(body),
        "method": .string(request.method), "path": .string(request.path), "uri_captures": context.uriCaptures,
      ],
    ]
    if let message = self.configuration.message { answer["message"] = .string(message) }
    if let route = context.route {
      answer["matched_route"] = ["id": .string("\(route.id)"), "name": route.name.map { .string($0) } ?? .null]
    }
    if let service = context.service {
      answer["matched_service"] = ["id": .string("\(service.id)"), "name": service.name.map { .string($0) } ?? .null]
    }
    return .object(answer)
  }
}
