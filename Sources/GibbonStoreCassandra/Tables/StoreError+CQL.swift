// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCQL
internal import GibbonStore

extension StoreError {
  /// Protocol v4, section 9.
  private enum Code {
    static let badCredentials: Int32 = 0x0100
    static let passing: Set<Int32> = [0x1000, 0x1001, 0x1002, 0x1003, 0x1100, 0x1200, 0x1300, 0x1500]
    static let invalid: Int32 = 0x2200
  }

  /// - Parameter isWrite: something may have been done.
  init(cql error: CQLError, isWrite: Bool = false) {
    switch error {
    case .unavailable(let reason), .tooFewReplicas(let reason): self = .unavailable(reason)
    case .unknownOutcome(let reason):
      self = .unavailable(isWrite ? "\(reason); the write may or may not have been done" : reason)
    case .refused(let code, let words):
      // 3.11 says it one way, 4.0 the other.
      let isMissing =
        words.contains("unconfigured table") || words.contains("does not exist") || words.contains("Keyspace")
      if code == Code.invalid, isMissing {
        self = .layout("the datastore is not set up: \(words); run 'gibbon migrations bootstrap'")
      } else if code == Code.badCredentials || Code.passing.contains(code) {
        self = .unavailable(words)
      } else {
        self = .failure("\(words) (\(String(code, radix: 16)))")
      }
    case .malformed(let reason): self = .failure(reason)
    }
  }
}
