// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
public import GibbonPluginAPI
internal import GibbonRegex

/// `bot-detection`: keeps out programs that say in `User-Agent` that they are some.
public final class BotDetectionPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var allow: [String]?
    var deny: [String]?
  }

  private static let field = FieldName("User-Agent")

  private let allow: [Regex]
  private let deny: [Regex]

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.allow = try (configuration.allow ?? []).map { try Regex.compile($0) }
    self.deny = try (configuration.deny ?? []).map { try Regex.compile($0) }
  }

  public func access(_ context: RequestContext) throws -> PhaseAction {
    let verdict = context.request.withHeaderBytes(Self.field) { agent, count in
      count > 1 ? .ambiguous : self.judge(agent)
    }
    switch verdict ?? .welcome {
    case .welcome: return .next
    case .unwelcome: return .respond(.error(status: 403, "Forbidden"))
    case .ambiguous: return .respond(.error(status: 400, "Only one User-Agent header allowed"))
    }
  }

  private enum Verdict {
    case welcome, unwelcome, ambiguous
  }

  private func judge(_ value: Span<UInt8>) -> Verdict {
    var range = value.indices
    while let first = range.first, value[first].isBlank { range.removeFirst() }
    while let last = range.last, value[last].isBlank { range.removeLast() }
    let agent = value.extracting(range)
    var budget = RegexBudget()
    for expression in self.allow where expression.search(agent, budget: &budget) == .matched { return .welcome }
    // A text made so that the search is given up is not let through.
    for expression in self.deny where expression.search(agent, budget: &budget) != .noMatch { return .unwelcome }
    return KnownBots.shared.contains(agent) ? .unwelcome : .welcome
  }
}

extension UInt8 {
  fileprivate var isBlank: Bool { self == .space || self &- .tab <= 4 }
}
