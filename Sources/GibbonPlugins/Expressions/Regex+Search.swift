// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonRegex
internal import Synchronization

extension Regex {
  /// Searches a text with memory that all plugins share, on any thread. Never waits.
  func search(_ text: Span<UInt8>) -> RegexOutcome {
    for memory in SearchMemory.shared {
      if let outcome = memory.scratch.withLockIfAvailable({ self.match(text, scratch: $0) }) { return outcome }
    }
    return self.match(text, scratch: RegexScratch())
  }
}

/// What one search at a time uses: making it costs more than most searches.
private final class SearchMemory: Sendable {
  /// As many searches at once find memory; more make their own.
  static let shared = (0..<8).map { _ in SearchMemory() }

  let scratch = Mutex(RegexScratch())
}
