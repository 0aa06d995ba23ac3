// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonStore

extension Connection {
  /// Runs `body` in a transaction.
  ///
  /// - Parameter start: begins it; its last answer is given to `body`.
  func transaction<Value>(_ start: String, _ body: (Rows) throws -> Value) throws -> Value {
    let value: Value
    do {
      value = try body(try self.run(script: start))
    } catch {
      // Where this fails the connection is no longer usable, and the server undoes the transaction with it.
      if self.isUsable { _ = try? self.run(script: "ROLLBACK") }
      throw error
    }
    do {
      try self.run(script: "COMMIT")
    } catch PostgresFault.lost(let reason) {
      throw PostgresFault.inDoubt(reason)
    }
    return value
  }

  /// Runs `body` on one state of the database.
  func reading<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try self.transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") { _ in try body() }
    } catch PostgresFault.inDoubt(let reason) {
      throw PostgresFault.lost(reason)
    }
  }
}
