// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// A plugin: code that takes part in requests, configured once per plugin entity.
///
/// An instance is made for each enabled plugin entity and serves every event loop at once, so it is
/// immutable or guards its own state. Phases are synchronous and must not block; a phase that needs to
/// wait answers `.suspend` (or adopts `AsyncPlugin`). Phases that a plugin does not list in its
/// descriptor are never called and cost nothing.
///
/// An error thrown by `rewrite` or `access` ends the request with status 500 and a line in the error log: plugins
/// fail closed. Once there is a response, an error of a later phase is logged and the response goes on.
public protocol Plugin: AnyObject, Sendable {
  /// The shape its configuration has after validation: snake_case keys decode into camelCase ones.
  associatedtype Configuration: Decodable & Sendable

  /// Name, version, priority, phases and schema.
  static var descriptor: PluginDescriptor { get }

  /// What it adds to the Admin and Status APIs.
  static var endpoints: [PluginEndpoint] { get }

  /// Makes the instance for one plugin entity. Throw to refuse the configuration: the snapshot that
  /// needs it is then not applied and the previous one goes on serving.
  init(configuration: Configuration, environment: PluginEnvironment) throws

  /// Whether this configuration needs `request.body` in `access`: the body is then buffered, up to
  /// `client_body_buffer_size`, before the phase runs.
  var wantsRequestBody: Bool { get }

  /// Where `wantsRequestBody`: whether this request's body is wanted, asked when its route is known. One that nobody
  /// wants goes on as it comes.
  func wantsRequestBody(_ context: RequestContext) -> Bool

  /// Names of arguments of the query that hold credentials: logs show `REDACTED` for their values.
  var secretArguments: [String] { get }

  /// Runs before a route is known; only for plugins applied globally.
  func rewrite(_ context: RequestContext) throws -> PhaseAction

  /// Runs when the route is known and before anything goes to the service. Most plugins live here.
  func access(_ context: RequestContext) throws -> PhaseAction

  /// Runs when the head of the response is known and before it is sent: status and headers may change.
  func headerFilter(_ context: RequestContext) throws

  /// Whether `bodyFilter` takes part in this response, asked once its status and headers are known. A body that no
  /// plugin filters keeps its length and is not copied.
  func filtersBody(_ context: RequestContext) -> Bool

  /// Whether `bodyFilter` only looks at this response's body, asked after `filtersBody`: what it makes of a part's
  /// bytes does not count then. A body that nobody changes keeps its length.
  func observesBody(_ context: RequestContext) -> Bool

  /// Runs for each part of the response's body, and once more with `isLast` at its end.
  func bodyFilter(_ context: RequestContext, part: inout BodyPart) throws

  /// Runs after the last byte was handed to the kernel, whatever became of the request.
  func log(_ context: RequestContext) throws
}

extension Plugin {
  public static var endpoints: [PluginEndpoint] { [] }
  public var wantsRequestBody: Bool { false }
  public func wantsRequestBody(_ context: RequestContext) -> Bool { true }
  public var secretArguments: [String] { [] }
  public func rewrite(_ context: RequestContext) throws -> PhaseAction { .next }
  public func access(_ context: RequestContext) throws -> PhaseAction { .next }
  public func headerFilter(_ context: RequestContext) throws {}
  public func filtersBody(_ context: RequestContext) -> Bool { true }
  public func observesBody(_ context: RequestContext) -> Bool { false }
  public func bodyFilter(_ context: RequestContext, part: inout BodyPart) throws {}
  public func log(_ context: RequestContext) throws {}
}

/// What a phase decided.
public enum PhaseAction: Sendable {
  /// Go on with the next plugin.
  case next
  /// Answer from here: nothing goes to the service, later plugins' `access` is skipped, while
  /// `headerFilter`, `bodyFilter` and `log` of all applicable plugins still run.
  case respond(LocalResponse)
  /// Wait: the plugin has taken `context.suspension()` and will resume it exactly once.
  case suspend
}

/// How a suspended phase goes on.
public enum PhaseResumption: Sendable {
  case next
  case respond(LocalResponse)
  /// Call the same phase of the same plugin again: what it waited for is there now.
  case again
  /// The plugin failed: status 500, like a thrown error.
  case fail(String)
}

/// A part of a response's body on its way to the client.
public struct BodyPart {
  /// What arrived; what is left here goes on.
  public var bytes: ByteBuffer
  /// No more parts follow.
  public let isLast: Bool
  package private(set) var isRefused = false
  /// What is left to do for the last part, on another thread.
  package var work: Work?

  /// Makes the bytes of a part. Runs on a helper thread: it may use nothing that belongs to the request.
  public typealias Work = @Sendable () -> Outcome

  /// What came of it.
  public struct Outcome: Sendable {
    /// What goes on; nil refuses to go on.
    public var bytes: ByteBuffer?
    /// A line for the error log.
    public var warning: String?

    public init(bytes: ByteBuffer?, warning: String? = nil) {
      self.bytes = bytes
      self.warning = warning
    }
  }

  /// Has the last part made by a helper thread, and the response wait for it: for work that would keep the event loop
  /// busy for more than a moment. Plugins behind this one see what it makes. Of another part it has no effect.
  public mutating func makeElsewhere(_ work: @escaping Work) { if self.isLast { self.work = work } }

  /// The response cannot go on: the client's connection ends before the body does, so that nobody takes what was sent
  /// for all of it. A response of the gateway's own becomes an empty one with status 500.
  public mutating func refuse() { self.isRefused = true }

  package init(bytes: ByteBuffer, isLast: Bool) {
    self.bytes = bytes
    self.isLast = isLast
  }
}
