// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonRegex
internal import Synchronization

extension Regex {
  /// Searches a text with memory that all plugins share, on any thread. Never waits.
  ///
  /// A search that is given up has no answer: the caller decides for the stricter side.
  /// - Parameter budget: what all searches of a plugin for one request may do.
  func search(_ text: Span<UInt8>, budget: inout RegexBudget) -> RegexOutcome {
    for memory in SearchMemory.shared {
      let outcome = memory.scratch.withLockIfAvailable { self.match(text, scratch: $0, budget: &budget) }
      if let outcome { return outcome }
    }
    return self.match(text, scratch: RegexScratch(), budget: &budget)
  }
}

/// What one search at a time uses: making it costs more than most searches.
private final class SearchMemory: Sendable {
  /// As many searches at once find memory; more make their own.
  static let shared = (0..<8).map { _ in SearchMemory() }

  let scratch = Mutex(RegexScratch())
}
