// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A plugin whose `access` is written with `async`: calls to other services, key derivation…
///
/// The task prefers the request's own event loop as its executor, so the context may be used before and
/// after each `await` just like in a synchronous phase. It costs a task per request: plugins that can
/// decide at once adopt `Plugin` alone.
public protocol AsyncPlugin: Plugin {
  /// As `access`, with awaits. `.suspend` is not an answer here; it counts as a failure.
  nonisolated(nonsending) func accessAsync(_ context: RequestContext) async throws -> PhaseAction
}

extension AsyncPlugin {
  public func access(_ context: RequestContext) throws -> PhaseAction {
    context.awaiting { try await self.accessAsync($0) }
  }
}

extension RequestContext {
  /// Suspends the phase that calls it until `body` has decided: for plugins that only sometimes have to wait.
  ///
  /// `body` runs in a task on the request's own loop; `.suspend` is not an answer of it and counts as a failure.
  public func awaiting(
    _ body: nonisolated(nonsending) @escaping @Sendable (RequestContext) async throws -> PhaseAction
  ) -> PhaseAction {
    let suspension = self.suspension()
    // Safety: the task runs on the context's own loop (its executor preference), where the context is
    // confined, and the request waits for the suspension meanwhile.
    nonisolated(unsafe) let confined = self
    Task(executorPreference: suspension.executor) {
      let context = unsafe confined
      do {
        switch try await body(context) {
        case .next: suspension.resume(.next)
        case .respond(let response): suspension.resume(.respond(response))
        case .suspend: suspension.resume(.fail("an async phase answered .suspend"))
        }
      } catch {
        suspension.resume(.fail("\(error)"))
      }
    }
    return .suspend
  }
}
