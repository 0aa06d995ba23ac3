// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A value that cannot be compiled, before it is known whose it is.
public struct RuleFault: Error, Sendable, Equatable {
  public let value: String
  public let reason: String
  public let position: Int?

  init(_ value: String, _ reason: String, position: Int? = nil) {
    self.value = value
    self.reason = reason
    self.position = position
  }
}
