// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonStore

/// What there is to say of a mistake in a file besides Kong's words, for whoever has the file before them.
enum DeclarativeAdvice {
  /// What other tools write at the top of their files.
  private static let foreign = [
    "_info": "written by decK for itself; remove it, it says nothing to a gateway",
    "_workspace": "workspaces are Kong Enterprise's; remove it, everything here is in the one workspace 'default'",
    "_konnect": "for Konnect only; remove it",
    "_plugin_configs": "shared plugin configurations are decK's; run 'deck file render' to write them out",
    "consumer_groups": "consumer groups are Kong Enterprise's; give each consumer its plugins, or use 'acls'",
    "rbac_roles": "roles are Kong Enterprise's; remove them",
  ]

  static func text(for problem: DeclarativeProblem, collections: [String]) -> String? {
    if let name = problem.unknownPlugin { return PluginNames.advice(for: name) }
    guard problem.message == "unknown field", problem.path.count == 1 else { return nil }
    let name = problem.field
    if let advice = Self.foreign[name] { return advice }
    let hint = Suggestion.hint(for: name, among: collections)
    return hint.isEmpty ? nil : String(hint.dropFirst(2))
  }
}
