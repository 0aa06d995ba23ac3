// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI
internal import GibbonSchema
internal import Glibc

/// What the gateway made of a request, for people who debug.
extension RequestTerminationPlugin {
  /// Fields and arguments that are shown at most, as in Kong.
  private static let shownLimit = 100

  private static let hostname: String = {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, 255) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }()

  func echo(_ context: RequestContext) -> JSONValue {
    let request = context.request
    var headers = JSONObject()
    for header in request.allHeaders.prefix(Self.shownLimit) {
      let name = String(decoding: header.name.utf8.map(\.asciiLowercased), as: UTF8.self)
      Self.collect(.string(header.value), under: name, in: &headers)
    }
    var shown: JSONObject = [
      "scheme": .string(request.scheme.rawValue), "host": .string(request.host), "port": .int(Int64(request.port)),
      "headers": .object(headers), "query": .object(Self.arguments(request.rawQuery)),
      "method": .string(request.method), "path": .string(request.path), "uri_captures": context.uriCaptures,
    ]
    if let body = request.body {
      shown["raw_body"] = .string(body.string)
      shown["body"] = Self.parsed(body.span.array, type: request.header("Content-Type") ?? "")
    }
    var answer: JSONObject = [
      "kong": [
        "node_id": .string("\(self.nodeID)"), "worker_pid": .int(Int64(getpid())),
        "hostname": .string(Self.hostname),
      ],
      "request": .object(shown),
    ]
    if let message = self.configuration.message ?? Self.usualMessages[self.status] {
      answer["message"] = .string(message)
    }
    answer["matched_route"] = Self.entity(context.backend.loggedRoute)
    answer["matched_service"] = Self.entity(context.backend.loggedService)
    return .object(answer)
  }

  /// An entity that was written as JSON before.
  private static func entity(_ json: [UInt8]?) -> JSONValue? { json.flatMap { try? JSONParser.parse($0).get() } }

  /// Percent-decoded; an argument without `=` is true, one that came several times an array.
  private static func arguments(_ text: String) -> JSONObject {
    var arguments = JSONObject()
    for part in Array(text.utf8).split(separator: UInt8(ascii: "&")).prefix(Self.shownLimit) {
      let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(decoding: FormText.decoded(pair.first ?? []), as: UTF8.self)
      guard !name.isEmpty else { continue }
      let value = pair.count > 1 ? JSONValue.string(String(decoding: FormText.decoded(pair[1]), as: UTF8.self)) : true
      Self.collect(value, under: name, in: &arguments)
    }
    return arguments
  }

  /// A form or JSON, by the type it says it has; nil for anything else.
  private static func parsed(_ body: [UInt8], type: String) -> JSONValue? {
    let type = type.utf8.map(\.asciiLowercased)
    if type.starts(with: "application/x-www-form-urlencoded".utf8) {
      return .object(Self.arguments(String(decoding: body, as: UTF8.self)))
    }
    guard type.starts(with: "application/json".utf8), let value = try? JSONParser.parse(body).get() else { return nil }
    switch value {
    case .object, .array: return value
    default: return nil
    }
  }

  private static func collect(_ value: JSONValue, under name: String, in object: inout JSONObject) {
    switch object[name] {
    case nil: object[name] = value
    case .array(let values): object[name] = .array(values + [value])
    case let first?: object[name] = .array([first, value])
    }
  }
}
