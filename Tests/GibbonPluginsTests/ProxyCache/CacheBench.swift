// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonPluginAPI
import GibbonSchema
import Testing

@testable import GibbonPlugins

/// An instance with a store of its own, on one route.
struct CacheBench {
  let plugin: ProxyCachePlugin
  let store: CacheStore
  let route = Route(name: "r")

  static let start = 1_700_000_000

  init(_ config: JSONObject = [:], capacityBytes: Int = 1 << 20, keepsPrivate: Bool = false) throws {
    var config = config
    config["strategy"] = "memory"
    self.store = CacheStore(capacityBytes: capacityBytes)
    self.plugin = ProxyCachePlugin(
      configuration: try configured(ProxyCachePlugin.self, .object(config)), store: self.store,
      keepsPrivate: keepsPrivate)
  }

  /// What a service answers.
  struct Answer {
    var status: UInt16 = 200
    var headers = [("Content-Type", "text/plain")]
    var parts = ["hello"]
    /// Whether all of it comes.
    var isWhole = true
  }

  /// What a client gets.
  struct Outcome {
    /// nil where the cache answered.
    let request: FakeRequest?
    let status: UInt16
    let headers: [(name: String, value: String)]
    let body: String?

    subscript(name: String) -> String? { self.headers.first { $0.name.lowercased() == name.lowercased() }?.value }
    var cacheStatus: String? { self["X-Cache-Status"] }
  }

  /// One for `/`.
  func ask(_ answer: Answer) throws -> Outcome { try self.ask("/", answer) }

  /// A request, `after` so many seconds.
  func ask(
    _ target: String = "/", method: String = "GET", headers: [(String, String)] = [], body: String = "",
    after seconds: Int = 0, _ answer: Answer = Answer()
  ) throws -> Outcome {
    let length = body.isEmpty ? [] : [("Content-Length", "\(body.utf8.count)")]
    let request = try FakeRequest(target, method: method, headers: headers + length, body: body)
    request.matchedRoute = self.route
    request.wallMicroseconds = UInt64(Self.start + seconds) * 1_000_000
    switch try self.plugin.access(request.context) {
    case .suspend: throw UnexpectedPhase()
    case .respond(let response):
      var body: String?
      if case .bytes(let bytes) = response.body { body = bytes.string }
      #expect(response.repeatsService == (body != nil || response.status == 304))
      let edits = request.responseEdits.fields
      return Outcome(request: nil, status: response.status, headers: response.headers + edits, body: body)
    case .next: break
    }
    try request.receive(answer.status, headers: answer.headers)
    try self.plugin.headerFilter(request.context)
    let body = try self.receive(answer, request)
    return Outcome(
      request: request, status: request.status, headers: request.context.response.allHeaders, body: body)
  }

  private func receive(_ answer: Answer, _ request: FakeRequest) throws -> String? {
    if request.context.request.method == "HEAD" { return "" }
    if answer.isWhole { return try request.filter(self.plugin, answer.parts) }
    guard self.plugin.filtersBody(request.context) else { return nil }
    for text in answer.parts {
      var part = BodyPart(bytes: ByteBuffer(text), isLast: false)
      try self.plugin.bodyFilter(request.context, part: &part)
    }
    request.context.reset()
    return nil
  }

}

private struct UnexpectedPhase: Error {}
