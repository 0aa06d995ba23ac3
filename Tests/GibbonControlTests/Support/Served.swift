// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonEngine
import GibbonModel
import GibbonRouting

/// What a snapshot does with some paths, as one comparable value.
struct Served: Hashable {
  struct Answer: Hashable {
    let route: EntityID
    let service: EntityID?
    let host: String?
    let endpoints: [UpstreamEndpoint]
  }

  let answers: [String: Answer]

  init(_ snapshot: Snapshot, paths: [String]) {
    var answers: [String: Answer] = [:]
    for path in paths {
      guard let matched = Self.match(path, snapshot), let runtime = snapshot.routes[matched] else { continue }
      answers[path] = Answer(
        route: runtime.entity.id, service: runtime.service?.entity.id, host: runtime.service?.entity.host,
        endpoints: runtime.service?.endpoints ?? [])
    }
    self.answers = answers
  }

  /// The handle of the route that takes a path.
  private static func match(_ path: String, _ snapshot: Snapshot) -> Int? {
    snapshot.router.explain(
      method: Array("GET".utf8).span, host: Array("localhost".utf8).span, port: 80, path: Array(path.utf8).span,
      details: PlainRequest()
    ).matched?.handle
  }
}

/// A request over plain HTTP without headers.
private final class PlainRequest: RouteRequestDetails {
  var scheme: RouteScheme { .http }
  var sni: String? { nil }
  var source: RouteEndpoint? { nil }
  var destination: RouteEndpoint? { nil }
  var headerCount: Int { 0 }
  var queryLength: Int { 0 }
  func visitHeaderValues(_ name: String, _ visit: (Span<UInt8>) -> Bool) {}
  func visitQueryValues(_ name: String, _ visit: (Span<UInt8>) -> Bool) {}
}
