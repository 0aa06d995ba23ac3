// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import NIOCore

/// An address that could not be opened: what the system said.
public struct AdminListenError: Error, Sendable, Hashable {
  /// Its `errno`.
  public let code: Int32

  /// nil where it was not the system that refused.
  init?(_ error: any Error) {
    guard let error = error as? IOError else { return nil }
    self.code = error.errnoCode
  }
}
