// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Which requests can match at all, as keys of the index: a host and the beginning of a path.
struct RuleAnchor: Sendable, Hashable {
  var host: TextPattern?
  var path: PathSkeleton
}

/// An attribute whose values lead to the rules that ask for them, where many share a place.
enum Discriminator: Sendable, Hashable {
  /// Name as in `HeaderCondition`, values in lower case.
  case header(String, [[UInt8]])
  case sni([[UInt8]])
  case methods([[UInt8]])

  var keys: [[UInt8]] {
    switch self {
    case .header(_, let keys), .sni(let keys), .methods(let keys): keys
    }
  }
}

/// Where a rule goes in the index, and what that decides.
struct RulePlacement {
  private(set) var anchors: [RuleAnchor] = []
  private(set) var isDecidedByHost = true
  private(set) var isDecidedByPath = true

  /// More places than this for one rule are not worth their memory: its hosts are then checked instead.
  private static let anchorLimit = 512

  fileprivate init(_ parts: RuleParts) {
    if let expression = parts.expression {
      self.anchors = expression.anchors
      return
    }
    var paths = parts.paths.map { PathSkeleton($0) }
    if paths.isEmpty || paths.count > Self.anchorLimit { paths = [PathSkeleton()] }
    var hosts: [TextPattern?] = parts.hosts.map(\.name)
    if hosts.isEmpty { hosts = [nil] }
    self.isDecidedByHost = parts.hosts.allSatisfy(\.isDecidedByName)
    self.isDecidedByPath = !parts.paths.contains(where: \.isRegex) && parts.paths.count <= Self.anchorLimit
    if hosts.count * paths.count > Self.anchorLimit {
      hosts = [nil]
      self.isDecidedByHost = false
    }
    var seen = Set<RuleAnchor>()
    for host in hosts {
      for path in paths {
        let anchor = RuleAnchor(host: host, path: path)
        if hosts.count * paths.count == 1 || seen.insert(anchor).inserted { self.anchors.append(anchor) }
      }
    }
  }
}

extension RuleParts {
  /// Rules alike in more attributes than this are told apart by evaluation.
  private static let discriminatorLimit = 32

  var placement: RulePlacement { RulePlacement(self) }

  /// What sets the rule apart from rules at the same place, in the order of use.
  var discriminators: [Discriminator] {
    if let expression = self.expression { return expression.discriminators }
    var discriminators: [Discriminator] = []
    for header in self.headers.sorted(by: { $0.name < $1.name }) where header.regexes.isEmpty {
      discriminators.append(.header(header.name, Array(Set(header.values))))
    }
    if !self.snis.isEmpty, self.snis.allSatisfy({ $0.kind == .exact }) {
      discriminators.append(.sni(Array(Set(self.snis.map(\.bytes)))))
    }
    if self.methods.bits != 0 {
      discriminators.append(.methods(Array(Set(self.route.methods.map { Array($0.utf8) }))))
    }
    return Array(discriminators.prefix(Self.discriminatorLimit))
  }
}
