// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonStore

/// What a connection can report.
enum PostgresFault: Error {
  /// The connection is gone, or there is none; what was under way was not done, or is undone by the server.
  case lost(String)
  /// The connection went while a transaction was being committed.
  case inDoubt(String)
  /// The server refused a statement.
  case refused(Refusal)
}

/// A statement that the server refused.
struct Refusal: Sendable {
  /// Five characters: see PostgreSQL's appendix of error codes.
  let state: String
  let message: String
  let table: String?
  let constraint: String?

  static let uniqueViolation = "23505"
  static let foreignViolation = "23503"

  /// The transaction met another one and can be run again.
  var isCollision: Bool { self.state == "40001" || self.state == "40P01" }

  /// The server ended the connection, or is about to.
  var endsConnection: Bool {
    ["57P01", "57P02", "57P03", "57P05", "25P03", "25006"].contains(self.state) || self.state.hasPrefix("08")
  }

  var storeError: StoreError {
    switch self.state {
    case "42P01", "3F000", "42703":
      return .layout("the datastore is not set up: \(self.message); run 'gibbon migrations bootstrap'")
    case "57014", "55P03":
      return .unavailable("it took too long: \(self.message)")
    default: break
    }
    // 53: no connections, memory or disk left. 58: the server's files.
    let isOutOfOrder = self.endsConnection || self.isCollision || ["53", "58"].contains(self.state.prefix(2))
    return isOutOfOrder ? .unavailable(self.message) : .failure("\(self.message) (\(self.state))")
  }
}

extension StoreError {
  /// Any error of this module in the store's words.
  init(postgres error: any Error) {
    switch error {
    case let error as StoreError: self = error
    case PostgresFault.lost(let reason): self = .unavailable(reason)
    case PostgresFault.inDoubt(let reason):
      self = .unavailable("\(reason) while a write was being acknowledged; it may or may not have been done")
    case PostgresFault.refused(let refusal): self = refusal.storeError
    default: self = .failure("\(error)")
    }
  }
}
