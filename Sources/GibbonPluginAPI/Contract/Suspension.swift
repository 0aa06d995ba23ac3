// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Synchronization

/// The right to resume one suspended phase, once, from any thread.
public final class Suspension: Sendable {
  /// The request's event loop.
  public let executor: any TaskExecutor
  private let resumption: Mutex<(@Sendable (PhaseResumption) -> Void)?>

  package init(executor: any TaskExecutor, resume: @escaping @Sendable (PhaseResumption) -> Void) {
    self.executor = executor
    self.resumption = Mutex(resume)
  }

  /// Whoever held it has forgotten it: the request must not wait for ever.
  deinit { self.resume(.fail("a suspension was dropped without being resumed")) }

  /// Lets the request go on, on its own loop. Later calls, and calls for a request that is gone, do
  /// nothing.
  public func resume(_ how: PhaseResumption) {
    let resume = self.resumption.withLock { held in
      defer { held = nil }
      return held
    }
    resume?(how)
  }
}
