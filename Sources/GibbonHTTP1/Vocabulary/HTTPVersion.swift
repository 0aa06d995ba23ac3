// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The versions this module speaks. Any other is refused with 505.
@frozen
public enum HTTPVersion: UInt8, Sendable {
  case http10, http11
}
