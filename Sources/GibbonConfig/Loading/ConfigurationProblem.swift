// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Where a value was given.
public enum ValueSource: Sendable, Hashable, CustomStringConvertible {
  case builtIn
  case file(path: String, line: Int)
  case environment(name: String)
  case argument(flag: String)
  /// Taken over from another property.
  case property(name: String)

  public var description: String {
    switch self {
    case .builtIn: "default"
    case .file(let path, let line): "\(path):\(line)"
    case .environment(let name): "environment \(name)"
    case .argument(let flag): "argument \(flag)"
    case .property(let name): "property \(name)"
    }
  }
}

/// One thing that is wrong with the configuration.
public struct ConfigurationProblem: Sendable, Hashable, CustomStringConvertible {
  /// nil when no single property is at fault.
  public let property: String?
  /// As given, or `******`.
  public let value: String?
  /// What is wrong and what would be right.
  public let message: String
  public let source: ValueSource

  init(property: String?, value: String? = nil, message: String, source: ValueSource) {
    self.property = property
    self.value = value
    self.message = message
    self.source = source
  }

  public var description: String {
    var text = self.source == .builtIn ? "" : "\(self.source): "
    if let property = self.property {
      text += property
      if let value = self.value { text += " = '\(Self.shortened(value))'" }
      text += ": "
    }
    return text + self.message
  }

  /// One line of at most 120 characters; a certificate in a message helps nobody.
  private static func shortened(_ value: String) -> String {
    let line = value.prefix { !$0.isNewline }
    return line.count == value.count && line.count <= 120 ? value : line.prefix(120) + "…"
  }
}

/// Everything that is wrong with the configuration, in one go.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
  public let problems: [ConfigurationProblem]

  init(_ problems: [ConfigurationProblem]) {
    self.problems = problems
  }

  public var description: String {
    if self.problems.count == 1, let only = self.problems.first { return only.description }
    return "\(self.problems.count) problems in the configuration:\n"
      + self.problems.map { "  \($0)" }.joined(separator: "\n")
  }
}
