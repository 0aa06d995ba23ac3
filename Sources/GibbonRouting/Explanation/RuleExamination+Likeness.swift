// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// How much a rule that does not match resembles the request.
extension RuleExamination {
  /// Points for what a rule asks for. A field that holds has all; a host or a path that nearly holds has most.
  private static let full = 100

  /// The points of all fields that the rule has.
  func likeness(of rule: Rule) -> Int {
    var points = 0
    let parts = rule.parts
    if parts.methods.bits != 0, self.meetsMethod(rule) { points += Self.full }
    if !parts.snis.isEmpty, self.meetsSNI(rule) { points += Self.full }
    if !parts.hosts.isEmpty { points += self.meetsHost(rule) ? Self.full : self.hostLikeness(parts.hosts) }
    if !parts.paths.isEmpty { points += self.pathAnswer(rule) == .met ? Self.full : self.pathLikeness(parts.paths) }
    for header in parts.headers {
      var isThere = false
      self.search.details.visitHeaderValues(header.name) { _ in
        isThere = true
        return false
      }
      if isThere { points += self.answer(header) == .met ? Self.full : Self.full / 2 }
    }
    return points
  }

  /// Leading bytes that agree, as a part of what is asked for. The first slash agrees always, and says nothing.
  private func pathLikeness(_ paths: [PathPattern]) -> Int {
    var best = 0
    for path in paths {
      guard case .literal(let bytes)? = PathSkeleton(path).items.first, bytes.count > 1 else { continue }
      best = max(best, (self.agreement(with: bytes) - 1) * Self.full / bytes.count)
    }
    return best
  }

  /// Bytes of the name that agree from either end.
  private func hostLikeness(_ hosts: [HostPattern]) -> Int {
    let host = self.request.host
    var best = 0
    for pattern in hosts {
      let bytes = pattern.name.bytes
      let limit = min(bytes.count, host.count)
      var (leading, trailing) = (0, 0)
      while leading < limit, bytes[leading] == host[leading].asciiLowercased { leading += 1 }
      while trailing < limit - leading,
        bytes[bytes.count - 1 - trailing] == host[host.count - 1 - trailing].asciiLowercased
      { trailing += 1 }
      if !bytes.isEmpty { best = max(best, (leading + trailing) * Self.full / max(bytes.count, host.count)) }
    }
    return min(best, Self.full - 1)
  }
}
