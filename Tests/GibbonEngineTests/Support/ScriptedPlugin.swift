// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonEngine
import GibbonPluginAPI
import GibbonSchema

/// What a plugin of a test does; phases without a closure are not its phases.
struct Script: Sendable {
  typealias Deciding = @Sendable (RequestContext) throws -> PhaseAction
  typealias Watching = @Sendable (RequestContext) throws -> Void

  var wantsRequestBody = false
  var rewrite: Deciding?
  var access: Deciding?
  var headerFilter: Watching?
  var bodyFilter: (@Sendable (RequestContext, inout BodyPart) throws -> Void)?
  var log: Watching?
  /// Whether `bodyFilter` sees this response.
  var filtersBody: @Sendable (RequestContext) -> Bool = { _ in true }
  /// Whether it only looks at it.
  var observesBody = false

  var phases: PhaseSet {
    var phases: PhaseSet = []
    if self.rewrite != nil { phases.insert(.rewrite) }
    if self.access != nil { phases.insert(.access) }
    if self.headerFilter != nil { phases.insert(.headerFilter) }
    if self.bodyFilter != nil { phases.insert(.bodyFilter) }
    if self.log != nil { phases.insert(.log) }
    return phases
  }

  /// Notes `name phase` in every phase but `rewrite` and the body's; `access` then decides.
  static func noting(
    _ name: String, in journal: Journal, access: @escaping Deciding = { _ in .next }
  ) -> Script {
    Script(
      access: { context in
        journal.note("\(name) access")
        return try access(context)
      },
      headerFilter: { _ in journal.note("\(name) header_filter") },
      log: { _ in journal.note("\(name) log") })
  }

  /// A plugin of this script, ready for a chain.
  func entry(_ name: String = "scripted") -> PluginEntry {
    PluginEntry(
      id: .random(), descriptor: describe(name, self.phases), instance: ScriptedPlugin(self))
  }

  var slot: PluginSlot { PluginSlot(fallback: self.entry()) }
}

func describe(_ name: String, _ phases: PhaseSet) -> PluginDescriptor {
  PluginDescriptor(version: "1.0.0", priority: 1, phases: phases, schema: PluginSchema(name, config: []))
}

final class ScriptedPlugin: Plugin {
  struct Configuration: Decodable, Sendable {}

  static let descriptor = describe("scripted", [.access])
  private let script: Script

  init(_ script: Script) { self.script = script }

  init(configuration: Configuration, environment: PluginEnvironment) { self.script = Script() }

  var wantsRequestBody: Bool { self.script.wantsRequestBody }
  func rewrite(_ context: RequestContext) throws -> PhaseAction { try self.script.rewrite?(context) ?? .next }
  func access(_ context: RequestContext) throws -> PhaseAction { try self.script.access?(context) ?? .next }
  func headerFilter(_ context: RequestContext) throws { try self.script.headerFilter?(context) }
  func filtersBody(_ context: RequestContext) -> Bool { self.script.filtersBody(context) }
  func observesBody(_ context: RequestContext) -> Bool { self.script.observesBody }
  func bodyFilter(_ context: RequestContext, part: inout BodyPart) throws {
    try self.script.bodyFilter?(context, &part)
  }
  func log(_ context: RequestContext) throws { try self.script.log?(context) }
}

/// Why a plugin of a test fails.
struct Mishap: Error {}
