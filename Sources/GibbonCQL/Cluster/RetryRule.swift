// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a failure on one node means: what to tell, and whether another node may be asked.
struct RetryRule: Sendable, Hashable {
  var error: CQLError
  var mayGoOn: Bool

  /// Another node is asked where nothing was done, or where doing it twice is the same as doing it once.
  static func judge(_ failure: OperationFailure, isIdempotent: Bool) -> RetryRule {
    switch failure {
    case .connecting(let error): RetryRule(error: error, mayGoOn: true)
    case .request(.notSent(let words)): RetryRule(error: .unavailable(words), mayGoOn: true)
    case .request(.lost(let words)): RetryRule(error: .unknownOutcome(words), mayGoOn: isIdempotent)
    case .request(.timedOut): RetryRule(error: .unknownOutcome("no answer in time"), mayGoOn: isIdempotent)
    case .request(.malformed(let words)): RetryRule(error: .malformed(words), mayGoOn: isIdempotent)
    case .request(.unsayable(let error)): RetryRule(error: error, mayGoOn: false)
    case .server(let error): Self.judge(error, isIdempotent)
    }
  }

  private static func judge(_ error: ServerError, _ isIdempotent: Bool) -> RetryRule {
    switch error.code {
    // A node that is overloaded may say so at the end of a condition too, whose value is then agreed upon.
    case ServerError.unavailable, ServerError.overloaded:
      RetryRule(error: .tooFewReplicas(error.message), mayGoOn: true)
    case ServerError.isBootstrapping: RetryRule(error: .unavailable(error.message), mayGoOn: true)
    // In the reading of a row, or of a condition before anything was written. A write that is not idempotent is left
    // alone all the same: which phase it was is not said.
    case ServerError.readTimeout, ServerError.writeTimeout, ServerError.writeFailure, ServerError.casWriteUnknown:
      RetryRule(error: .unknownOutcome(error.message), mayGoOn: isIdempotent)
    default: RetryRule(error: .refused(code: error.code, error.message), mayGoOn: false)
    }
  }
}
