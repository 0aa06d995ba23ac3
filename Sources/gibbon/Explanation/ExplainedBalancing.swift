// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonEngine
internal import GibbonModel
internal import GibbonSchema

/// Where the requests of an explained request's service go on this node, and why not elsewhere. Only a running gateway
/// knows it: health is not stored.
struct ExplainedBalancing {
  let health: UpstreamHealth
  /// nil where the target does not depend on the request.
  let preview: BalancingPreview?

  /// - Returns: nil for a service that has no upstream.
  init?(_ report: ExplainReport, in engine: Engine) {
    guard let id = report.upstream?.entity.id, let health = engine.health(ofUpstream: id) else { return nil }
    self.health = health
    self.preview = engine.preview(upstream: health.name, Self.hashed(report.request))
  }

  /// The parts of the request that a hash can look at.
  private static func hashed(_ request: ExplainedRequest) -> BalancingPreview.Request {
    let target = request.target.utf8
    let path = target.prefix { $0 != UInt8(ascii: "?") }
    return BalancingPreview.Request(
      path: String(decoding: path, as: UTF8.self),
      query: String(decoding: target.dropFirst(path.count + 1), as: UTF8.self),
      headers: request.headers.map { ($0.name, $0.value) })
  }

  var json: JSONObject {
    let targets = self.health.targets.map { target -> JSONValue in
      [
        "target": .string(target.text), "weight": .int(Int64(target.nodeWeight)), "dns": .string(target.dns),
        "health": .string(target.health.rawValue), "state": .string(target.reason),
        "addresses": .strings(target.addresses.map { "\($0.ip):\($0.port)" }),
      ]
    }
    var object: JSONObject = [
      "id": .string("\(self.health.id)"), "name": .string(self.health.name),
      "algorithm": .string(self.health.algorithm), "healthy": .bool(self.health.isHealthy), "targets": .array(targets),
    ]
    if let preview {
      object["hash_input"] = preview.input.map { .string($0) } ?? .null
      object["hash_value"] = .string(preview.value)
      object["would_take"] = preview.target.map { .string($0) } ?? .null
    }
    return object
  }

  /// For the terminal.
  var text: String {
    var lines = ["balanced: upstream '\(self.health.name)', \(self.health.algorithm)"]
    if let preview {
      let input = preview.input.map { "\($0) '\(preview.value)'" } ?? "nothing that is known beforehand"
      lines.append("  hashed: \(input), which takes \(preview.target ?? "no target")")
    }
    for target in self.health.targets.prefix(Self.shownTargets) {
      lines.append("  \(target.text): weight \(target.nodeWeight), \(target.health.rawValue), \(target.reason)")
    }
    let more = self.health.targets.count - Self.shownTargets
    if more > 0 { lines.append("  and \(more) more; --json has all of them") }
    return lines.joined(separator: "\n")
  }

  private static let shownTargets = 20
}
