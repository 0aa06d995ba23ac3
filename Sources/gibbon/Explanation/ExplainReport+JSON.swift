// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonEngine
internal import GibbonModel
internal import GibbonRouting
internal import GibbonSchema

/// For programs: `--json`, and the Admin API's `/explain`.
extension ExplainReport {
  var json: JSONObject {
    var object: JSONObject = ["matched": .null, "path": .string(self.path)]
    if let matched = self.explanation.matched, let route { self.add(matched, route, to: &object) }
    if let answer {
      object["answer"] = ["status": .int(Int64(answer.status)), "message": .string(answer.reason)]
    }
    if let disabled { object["disabled"] = .object(Self.json(disabled)) }
    object["nearest_misses"] = .array(
      self.explanation.misses.map { miss in
        var object = Self.json(miss)
        object["reasons"] = .strings(miss.reasons)
        return .object(object)
      })
    return object
  }

  private func add(_ matched: RouteExplanation.Candidate, _ route: RouteRuntime, to object: inout JSONObject) {
    object["matched"] = .object(Self.json(matched))
    if let length = self.explanation.match?.matchedPathLength {
      object["matched_path"] = .string(String(decoding: self.path.utf8.prefix(length), as: UTF8.self))
    }
    object["plugins"] = .array(
      route.chain.places.map { place -> JSONValue in
        [
          "name": .string(place.name), "id": place.id.map { .string($0.description) } ?? .null,
          "consumers": .int(Int64(place.consumerCount)),
        ]
      })
    guard let service = route.service?.entity else { return }
    object["service"] = [
      "id": .string(service.id.description), "name": service.name.map { .string($0) } ?? .null,
    ]
    object["upstream"] = [
      "protocol": .string("\(service.protocol)"), "target": .string(self.serviceTarget ?? "/"),
      "endpoints": .strings(self.endpoints), "host": self.hostField.map { .string($0) } ?? .null,
    ]
  }

  private static func json(_ candidate: RouteExplanation.Candidate) -> JSONObject {
    [
      "id": .string(candidate.id.description), "name": candidate.name.map { .string($0) } ?? .null,
      "priority": .string("\(candidate.priority)"), "fields": .int(Int64(candidate.fieldCount)),
    ]
  }
}
